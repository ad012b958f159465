import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { decide, type Settings } from "../../src/compose/decide.ts";
import { environmentText, plainOf } from "../../src/compose/entry.ts";
import { loadProject } from "../../src/compose/load.ts";
import type { Files } from "../../src/compose/model.ts";
import { checkEnvironment } from "../../src/config/load.ts";
import { setLocale } from "../../src/language.ts";

/** Files of a project, by their paths below its folder. */
type Texts = Readonly<Record<string, string>>;

const HOME = "/home/me/shop";

function filesOf(texts: Texts): Files {
  const all = new Map(Object.entries(texts).map(([name, text]) => [join(HOME, name), text]));
  const parents = (path: string): string[] => (path === "/" ? ["/"] : [path, ...parents(dirname(path))]);
  const folders = new Set([...all.keys()].flatMap((path) => parents(dirname(path))));
  return {
    read: (path) => all.get(path),
    list: (path) => {
      if (!folders.has(path)) return undefined;
      const inside = [...all.keys(), ...folders].filter((one) => one !== path && dirname(one) === path);
      return inside.map((one) => one.slice(path === "/" ? 1 : path.length + 1)).sort();
    },
  };
}

/** What the import makes of a project: the environment as data, its notes, and its text, which the real loader has accepted. */
function imported(services: object, texts: Texts = {}, settings: Partial<Settings> = {}, top: object = {}) {
  const files = filesOf({ "compose.yaml": stringify({ services, ...top }), ...texts });
  const project = loadProject([join(HOME, "compose.yaml")], { files, env: {} });
  const decided = decide(project, {
    cluster: "kind",
    language: "en",
    folder: "/home/me/cloudnova/environments",
    files,
    profiles: [],
    dashboard: () => ({ why: "not here" }),
    ...settings,
  });
  const text = environmentText(decided.entries, ["made by a test"]);
  const { config } = checkEnvironment(text, "shop.yaml");
  const data = plainOf(decided.entries) as { applications: Record<string, Record<string, unknown>>; monitoring?: object; ingress?: object };
  const notes = (kind: string) =>
    decided.notes.filter((note) => note.kind === kind).map(({ subject, text: words }) => `${subject}: ${words}`);
  return { ...data, text, config, todo: notes("todo"), taken: notes("taken"), replaced: notes("replaced"), leftOut: notes("leftOut") };
}

const DB = {
  image: "mysql:8.0",
  environment: { MYSQL_DATABASE: "shop", MYSQL_USER: "shopper", MYSQL_PASSWORD: "dbpass-123", MYSQL_ROOT_PASSWORD: "rootpass-456" },
};
const DOCKERFILE = "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n";
const FLASK: Texts = { "web/Dockerfile": DOCKERFILE, "web/requirements.txt": "Flask==3.1\nmysql-connector-python==9.1.0\n" };
const web = (more: object = {}) => ({ build: "./web", ports: ["8080:5000"], depends_on: ["db"], ...more });

afterEach(() => setLocale("en"));

describe("variables", () => {
  const environment = {
    MYSQL_HOST: "db",
    MYSQL_USER: "shopper",
    MYSQL_PASSWORD: "dbpass-123",
    MYSQL_DB: "shop",
    MYSQL_PORT: 3306,
    DATABASE_URL: "mysql+pymysql://shopper:dbpass-123@db:3306/shop?charset=utf8mb4",
    JDBC_URL: "jdbc:mysql://db:3306/shop",
    FLASK_ENV: "shop",
    SECRET_KEY: "very-secret-1",
    JWT_SECRET_KEY: "very-secret-2",
    STRIPE_SECRET_KEY: "sk_live_3",
    MAIL_PASSWORD: "mail-secret-4",
    BROKER: "amqp://guest:amqp-secret-5@mq.example.com:5672/",
    NOTE: "the password is dbpass-123!",
    MYSQL_ROOT_PASSWORD: "rootpass-456",
    TOKEN_EXPIRES: 3600,
    GREETING: "hello",
  };
  const result = () => imported({ db: DB, web: web({ environment }) }, FLASK);

  test("facts of the database become placeholders, whatever their names", () => {
    expect(result().applications.web?.env).toEqual({
      MYSQL_HOST: "{database.host}",
      MYSQL_USER: "{database.user}",
      MYSQL_PASSWORD: "{database.password}",
      MYSQL_DB: "{database.name}",
      MYSQL_PORT: "{database.port}",
      DATABASE_URL: "mysql+pymysql://{database.user}:{database.password}@{database.host}:{database.port}/{database.name}?charset=utf8mb4",
      JDBC_URL: "jdbc:mysql://{database.host}:{database.port}/{database.name}",
      FLASK_ENV: "shop",
      TOKEN_EXPIRES: "3600",
      GREETING: "hello",
    });
    expect(result().applications.web?.database).toEqual({ name: "shop", user: "shopper", requireTls: true });
  });
  test("secrets are generated where only the application knows them, and brought by the user elsewhere", () => {
    const { applications, todo } = result();
    expect(applications.web?.secrets).toEqual({
      SECRET_KEY: { generate: true },
      JWT_SECRET_KEY: { generate: true },
      STRIPE_SECRET_KEY: { from: "web-own" },
      MAIL_PASSWORD: { from: "web-own" },
      BROKER: { from: "web-own" },
      NOTE: { from: "web-own" },
    });
    expect(todo).toContainEqual(
      expect.stringContaining(
        "kubectl -n cloudnova-web create secret generic web-own --from-literal=STRIPE_SECRET_KEY=… --from-literal=MAIL_PASSWORD=… --from-literal=BROKER=… --from-literal=NOTE=…",
      ),
    );
  });
  test.each(["dbpass-123", "rootpass-456", "very-secret-1", "very-secret-2", "sk_live_3", "mail-secret-4", "amqp-secret-5"])(
    "%s is in neither the file nor a note",
    (password) => {
      const { text, todo, taken, replaced, leftOut } = result();
      expect([text, ...todo, ...taken, ...replaced, ...leftOut].filter((one) => one.includes(password))).toEqual([]);
    },
  );
  test("root's password is left out by name", () => {
    expect(result().leftOut).toContain("web: MYSQL_ROOT_PASSWORD: no application gets MySQL's root account");
  });
  test("an application that names root gets an account of its own", () => {
    const { applications, taken } = imported(
      { db: DB, web: web({ environment: { DB_USER: "root", DB_PASSWORD: "rootpass-456", DB_HOST: "db" } }) },
      FLASK,
    );
    expect(applications.web?.env).toEqual({ DB_USER: "{database.user}", DB_PASSWORD: "{database.password}", DB_HOST: "{database.host}" });
    expect(taken).toContainEqual(expect.stringContaining("web: DB_USER named root"));
  });
  test("what the source reads and the project does not set is set, and a fact that is written there is named", () => {
    const source =
      'HOST = os.environ.get("MYSQL_HOST", "db")\nURL = os.getenv("DATABASE_URL")\nSECRET = os.environ["SECRET_KEY"]\nconnect(host="db", user="root")\n';
    const { applications, todo } = imported({ db: DB, web: web() }, { ...FLASK, "web/app.py": source });
    expect(applications.web?.env).toEqual({
      MYSQL_HOST: "{database.host}",
      DATABASE_URL: "mysql+mysqlconnector://{database.user}:{database.password}@{database.host}:{database.port}/{database.name}",
    });
    expect(applications.web?.secrets).toEqual({ SECRET_KEY: { generate: true } });
    expect(todo).toContainEqual(expect.stringMatching(/^web: app.py:4: the database's address is written in the source/));
    expect(todo).toContainEqual(expect.stringMatching(/^web: app.py:4: names root/));
  });
  test("an address in a configuration file beside the source", () => {
    const cfg = "SQLALCHEMY_DATABASE_URI = 'mysql://root:root@db:3306/shop'\n";
    expect(imported({ db: DB, web: web() }, { ...FLASK, "web/instance/development.cfg": cfg }).todo).toContainEqual(
      expect.stringMatching(/^web: instance\/development.cfg:1: the database's address is written/),
    );
  });
  test("where the project has no database, nothing in the source names one", () => {
    const { todo, applications } = imported(
      { web: { build: "./web", ports: ["5000:5000"] } },
      { "web/Dockerfile": DOCKERFILE, "web/app.py": "import flask\n\napp = 1\n" },
    );
    expect([todo, applications.web?.database]).toEqual([[], false]);
  });
  test("two applications that share a secret keep its value", () => {
    const services = {
      db: DB,
      web: web({ environment: { JWT_SECRET_KEY: "same" } }),
      api: { image: "shop/api:1", expose: [8000], environment: { JWT_SECRET_KEY: "same" } },
    };
    expect(imported(services, FLASK).applications).toMatchObject({
      web: { secrets: { JWT_SECRET_KEY: { from: "web-own" } } },
      api: { secrets: { JWT_SECRET_KEY: { from: "api-own" } } },
    });
  });
  test("the database's password in a file is the one of the application's own account", () => {
    const db = {
      image: "mysql:8.0",
      environment: { MYSQL_USER: "shopper", MYSQL_DATABASE: "shop", MYSQL_PASSWORD_FILE: "/run/secrets/db_password" },
      secrets: ["db_password"],
    };
    const services = { db, web: web({ secrets: ["db_password", "mail"], environment: { DB_PASSWORD_FILE: "/run/secrets/db_password" } }) };
    const secrets = { db_password: { file: "./db.txt" }, mail: { file: "./mail.txt" } };
    const { applications, todo } = imported(services, FLASK, {}, { secrets });
    expect(applications.web?.secrets).toEqual({
      DB_PASSWORD: { from: "web-database", key: "password", file: "/run/secrets/db_password" },
      MAIL: { from: "web-own", key: "mail", file: "/run/secrets/mail" },
    });
    expect(todo).toContainEqual(expect.stringContaining("create secret generic web-own --from-file=mail=mail.txt"));
  });
  test("one command makes the Secret, with variables, files and values that the project takes from the shell", () => {
    const services = { db: DB, web: web({ secrets: ["mail", "api", "none"], environment: { DB_HOST: "db", STRIPE_API_KEY: "sk_1" } }) };
    const secrets = { mail: { file: "./my mail.txt" }, api: { environment: "API" } };
    const { todo } = imported(services, FLASK, {}, { secrets });
    const all = "--from-literal=STRIPE_API_KEY=… --from-file='mail=my mail.txt' --from-literal=api=… --from-literal=none=…";
    expect(todo.filter((text) => text.includes("create secret"))).toEqual([
      expect.stringMatching(new RegExp(`kubectl -n cloudnova-web create secret generic web-own ${all}$`)),
    ]);
  });
});

describe("drivers of MySQL", () => {
  const of = (requirements: string) =>
    imported({ db: DB, web: web() }, { "web/Dockerfile": DOCKERFILE, "web/requirements.txt": requirements });
  const CRYPTOGRAPHY = /^web: pymysql needs a package to log in without TLS: add the line 'cryptography' to requirements.txt/;
  test.each([
    ["PyMySQL==1.1.1\n", false, CRYPTOGRAPHY],
    ["PyMySQL==1.1.1\ncryptography\n", false, undefined],
    ["PyMySQL[rsa]==1.1.1\n", false, undefined],
    ["PyMySQL>=1.2.0\n", true, undefined],
    ["pymysql\n", false, CRYPTOGRAPHY],
    ["Flask-MySQL==1.6.0\n", false, CRYPTOGRAPHY],
    ["flask-mysqldb\n", false, undefined],
    ["mysqlclient==2.2.7\n", false, undefined],
    ["mysql-connector-python==9.1.0\n", true, undefined],
    ["mysql-connector-python==8.0.5\n", true, /write mysql-connector-python>=8.0.11/],
    ["mysql-connector==2.2.9\n", false, /mysql-connector is out of date .* write mysql-connector-python>=8.0.11 in its place/],
  ])("%j", (requirements, requireTls, message) => {
    const { applications, todo, text } = of(requirements);
    expect(applications.web?.database).toMatchObject({ requireTls });
    const told = todo.filter((one) => /requirements.txt/.test(one));
    expect(told).toEqual(message ? [expect.stringMatching(message)] : []);
    expect(text.includes("WITHOUT TLS")).toBe(!requireTls);
  });
  test.each([
    ["pyproject.toml", '[project]\ndependencies = ["flask", "PyMySQL>=1.2"]\n'],
    ["pyproject.toml", '[tool.poetry.dependencies]\npymysql = "^1.2"\n'],
    ["Pipfile", '[packages]\npymysql = ">=1.2"\n'],
  ])("in %s", (file, text) => {
    expect(
      imported({ db: DB, web: web() }, { "web/Dockerfile": DOCKERFILE, [`web/${file}`]: text }).applications.web?.database,
    ).toMatchObject({ requireTls: true });
  });
  test("mysql_native_password and TLS that is turned off are named with their places", () => {
    const source = 'connect(auth_plugin="mysql_native_password")\nconnect(ssl_disabled=True)\n';
    const { todo, applications } = imported({ db: DB, web: web() }, { ...FLASK, "web/app.py": source });
    expect(todo).toContainEqual(expect.stringMatching(/^web: app.py:1: names mysql_native_password/));
    expect(todo).toContainEqual(expect.stringMatching(/^web: app.py:2: turns TLS off/));
    expect(applications.web?.database).toMatchObject({ requireTls: false });
  });
});

describe("proxies are replaced by the Ingress", () => {
  const proxied = (conf: string, image = "nginx:1.27", target = "/etc/nginx/conf.d/default.conf", settings: Partial<Settings> = {}) =>
    imported(
      {
        db: DB,
        web: { build: "./web", depends_on: ["db"] },
        api: { image: "shop/api:1" },
        proxy: { image, ports: ["80:80"], volumes: [`./proxy.conf:${target}`] },
      },
      { ...FLASK, "proxy.conf": conf },
      settings,
    );
  const NGINX = `upstream backend { server web:8000; }
server {
  listen 80; server_name shop.example.com www.shop.example.com; client_max_body_size 20m; proxy_read_timeout 5m;
  location / { proxy_pass http://backend; } # the shop
  location /api/ { proxy_pass http://api:9000/; }
  location /static { alias /static; }
}`;
  const expected = {
    web: { port: 8000, ingress: { host: "shop.example.com", maxUpload: "20Mi" } },
    api: { port: 9000, ingress: { host: "shop.example.com", path: "/api", stripPath: true }, database: false },
  };
  test("nginx", () => {
    const { applications, replaced, todo } = proxied(NGINX);
    expect(applications).toMatchObject(expected);
    expect(applications.web?.ingress).toMatchObject({ timeoutSeconds: 300 });
    expect(replaced).toContain("proxy: by the Ingress (Traefik with TLS); read: proxy.conf");
    expect(todo).toContainEqual(expect.stringMatching(/^proxy: the proxy served the files of \/static itself/));
  });
  test("Apache", () => {
    const conf = "ServerName shop.example.com\nLimitRequestBody 20971520\nProxyPass /api http://api:9000/\nProxyPass / http://web:8000/\n";
    expect(proxied(conf, "httpd:2.4", "/usr/local/apache2/conf/httpd.conf").applications).toMatchObject(expected);
  });
  test("Caddy", () => {
    const conf =
      "shop.example.com {\n  request_body {\n    max_size 20MB\n  }\n  handle_path /api/* {\n    reverse_proxy api:9000\n  }\n  reverse_proxy web:8000\n}\n";
    expect(proxied(conf, "caddy:2", "/etc/caddy/Caddyfile").applications).toMatchObject(expected);
  });
  test("Traefik's labels", () => {
    const labels = {
      "traefik.http.routers.web.rule": "Host(`shop.example.com`) && PathPrefix(`/shop`)",
      "traefik.http.services.web.loadbalancer.server.port": "8000",
      "traefik.http.services.web.loadbalancer.sticky.cookie": "true",
      "traefik.http.middlewares.s.stripprefix.prefixes": "/shop",
      "com.example.team": "a",
    };
    const { applications, ingress, leftOut, replaced } = imported(
      { db: DB, web: { build: "./web", depends_on: ["db"], labels, expose: [8000] }, traefik: { image: "traefik:v3", ports: ["80:80"] } },
      FLASK,
      { cluster: "k3s" },
    );
    expect([ingress, applications.web?.ingress]).toEqual([{ host: "shop.example.com" }, { path: "/shop", stripPath: true, sticky: true }]);
    expect(leftOut).toContain("web: labels com.example.team");
    expect(replaced).toContainEqual(expect.stringMatching(/^traefik: by CloudNova's Traefik/));
  });
  test("one that is built with its configuration, and speaks uwsgi", () => {
    const { applications, todo } = imported(
      { db: DB, web: { build: "./web", depends_on: ["db"] }, proxy: { build: "./nginx", ports: ["80:80"] } },
      {
        ...FLASK,
        "nginx/Dockerfile": "FROM nginx\nCOPY nginx.conf /etc/nginx/conf.d/default.conf\n",
        "nginx/nginx.conf": "server { location / { include uwsgi_params; uwsgi_pass web:3031; } }",
      },
    );
    expect(Object.keys(applications)).toEqual(["web"]);
    expect(todo).toContainEqual(expect.stringMatching(/^web: the proxy spoke uwsgi with it/));
  });
  test("a web server that serves files of its own is an application", () => {
    const dockerfile = "FROM node:22 AS build\nRUN npm run build\nFROM nginx:1.27\nCOPY --from=build /dist /usr/share/nginx/html\n";
    const { applications } = imported({ front: { build: "./front", ports: ["80:80"] } }, { "front/Dockerfile": dockerfile });
    expect(applications.front).toMatchObject({ port: 80, user: 0, podSecurity: "baseline", writable: true, database: false });
  });
});

describe("monitoring is replaced", () => {
  const services = {
    db: DB,
    web: web(),
    prometheus: { image: "prom/prometheus", volumes: ["./prometheus:/etc/prometheus"], command: ["--storage.tsdb.retention.time=30d"] },
    grafana: {
      image: "grafana/grafana:11",
      environment: { GF_SECURITY_ADMIN_PASSWORD: "x" },
      volumes: ["./boards:/var/lib/grafana/dashboards"],
    },
    alertmanager: { image: "prom/alertmanager", volumes: ["./am.yml:/etc/alertmanager/alertmanager.yml"] },
    cadvisor: { image: "gcr.io/cadvisor/cadvisor:v0.49.1" },
    "mysql-exporter": { image: "prom/mysqld-exporter" },
    pma: { image: "phpmyadmin/phpmyadmin" },
  };
  const texts = {
    ...FLASK,
    "prometheus/prometheus.yml": `global: { scrape_interval: 30s }
rule_files: [rules.yml]
scrape_configs:
  - { job_name: shop, metrics_path: /m, static_configs: [{ targets: ["web:9091"] }] }
  - { job_name: node-exporter, static_configs: [{ targets: ["node-exporter:9100"] }] }
  - { job_name: printer, static_configs: [{ targets: ["printer:9000"] }] }
`,
    "prometheus/rules.yml": "groups: [{ name: a, rules: [{ alert: ShopDown, expr: up == 0 }] }]\n",
    "boards/shop.json": '{"title":"Shop","panels":[]}',
    "am.yml": "receivers: [{ name: a, slack_configs: [{}] }]\n",
  };
  const result = () => imported(services, texts, { dashboard: (file) => ({ why: `cannot take ${file}` }) });

  test("scrape interval, retention and the application's own metrics are carried over", () => {
    const { monitoring, applications } = result();
    expect(monitoring).toEqual({ scrapeInterval: "30s", retention: "30d" });
    expect(applications.web?.metrics).toEqual({ port: 9091, path: "/m" });
    expect(Object.keys(applications)).toEqual(["web"]);
  });
  test("rules, dashboards, receivers and other jobs are named with what to do", () => {
    const { todo, leftOut, replaced } = result();
    expect(todo).toContainEqual(
      expect.stringMatching(
        /^prometheus: prometheus\/rules.yml: the alerts ShopDown are not taken over, .* write monitoring: \{ rules: \[..\/..\/shop\/prometheus\/rules.yml\] \}/,
      ),
    );
    expect(todo).toContainEqual(expect.stringMatching(/^alertmanager: notifications \(slack\) are not taken over/));
    expect(leftOut).toContainEqual(expect.stringMatching(/^prometheus: the scrape job printer/));
    expect(leftOut).toContain(`boards/shop.json: the dashboard cannot be used: cannot take ${HOME}/boards/shop.json`);
    for (const name of ["db", "prometheus", "grafana", "alertmanager", "cadvisor", "mysql-exporter", "pma"]) {
      expect(replaced).toContainEqual(expect.stringMatching(new RegExp(`^${name}: by `)));
    }
  });
  test("an interval that is not possible becomes the nearest one", () => {
    const { monitoring } = imported(
      { web: { image: "a/b:1", ports: ["80:80"] }, prometheus: services.prometheus },
      { "prometheus/prometheus.yml": "global: { scrape_interval: 5m }\n" },
    );
    expect(monitoring).toMatchObject({ scrapeInterval: "1m" });
  });
});

describe("nothing is left out in silence", () => {
  test("services that are no HTTP application are named with what to do", () => {
    const services = {
      db: DB,
      web: web(),
      cache: { image: "redis:7" },
      worker: { build: "./web", command: "celery -A app worker" },
      migrate: { build: "./web", command: "flask db upgrade" },
      mq: { image: "rabbitmq:3-management" },
      debug: { image: "busybox", profiles: ["debug"] },
    };
    const { leftOut, todo, applications } = imported(services, FLASK);
    expect(Object.keys(applications)).toEqual(["web"]);
    for (const name of ["cache", "worker", "migrate", "mq"]) {
      expect(leftOut.filter((one) => one.startsWith(`${name}: `))).not.toEqual([]);
      expect(todo.filter((one) => one.startsWith(`${name}: `))).not.toEqual([]);
    }
    expect(leftOut).toContain("debug: only in the profile debug; take it over with --profile debug");
    expect(Object.keys(imported(services, FLASK, { profiles: ["debug"] }).applications)).toEqual(["web"]);
  });
  test("a variable that names a service which does not run here is named", () => {
    const environment = { REDIS_URL: "redis://cache:6379/0", DB_HOST: "db", API: "http://api:8000" };
    const { todo } = imported(
      { db: DB, web: web({ environment }), cache: { image: "redis:7" }, api: { image: "a/b:1", expose: [8000] } },
      FLASK,
    );
    expect(todo).toContainEqual(expect.stringMatching(/^web: REDIS_URL names the service cache/));
    expect(todo).toContainEqual(expect.stringMatching(/^web: API names the service api/));
    expect(todo.filter((one) => /DB_HOST/.test(one))).toEqual([]);
  });
  test("every key of a service is an entry or a note", () => {
    const { leftOut } = imported(
      { db: DB, web: web({ restart: "always", privileged: true, tty: true, logging: { driver: "none" }, shm_size: "1g", "x-mine": 1 }) },
      FLASK,
    );
    expect(leftOut).toEqual(
      expect.arrayContaining([
        "web: restart: Kubernetes does this itself",
        expect.stringMatching(/^web: privileged: not allowed/),
        "web: tty: only for development",
        expect.stringMatching(/^web: logging: logs are read with/),
        "web: shm_size: CloudNova has no such setting",
      ]),
    );
    expect(leftOut.join()).not.toContain("x-mine");
  });
  test("volumes, by what they hold", () => {
    const volumes = [
      "./web:/app",
      "uploads:/app/uploads",
      "./data:/data",
      "./app.ini:/etc/app.ini:ro",
      "/var/run/docker.sock:/var/run/docker.sock",
      "./logs:/var/log/app",
      "/app/node_modules",
    ];
    const { applications, leftOut } = imported(
      { db: DB, web: web({ volumes, tmpfs: "/scratch" }) },
      { ...FLASK, "web/app.py": "", "app.ini": "", "data/a.csv": "" },
    );
    expect(applications.web).toMatchObject({
      volumes: { uploads: { path: "/app/uploads" }, data: { path: "/data" } },
      writable: ["/tmp", "/var/log/app", "/scratch"],
    });
    for (const text of [
      "web at /app: the image holds the code",
      "app.ini at /etc/app.ini: copy the file",
      "the Docker socket",
      "volumes /var/log/app: log files",
      "volumes /app/node_modules",
    ]) {
      expect(leftOut).toContainEqual(expect.stringContaining(text));
    }
  });
});

describe("the database", () => {
  const initial = (volumes: readonly string[], texts: Texts) =>
    imported({ db: { ...DB, environment: { MYSQL_ROOT_PASSWORD: "x" }, volumes }, web: web() }, { ...FLASK, ...texts });
  test("its files for the first start run in the application's database, which has the name that they use", () => {
    const { applications } = initial(["./sql:/docker-entrypoint-initdb.d:ro"], {
      "sql/1.sql": "CREATE DATABASE IF NOT EXISTS `catalogue`;\nUSE catalogue;\n",
    });
    expect(applications.web?.database).toMatchObject({ name: "catalogue", initialise: ["../../shop/sql"] });
  });
  test("a name that SQL would have to quote becomes one that it need not, and is said", () => {
    const db = { ...DB, environment: { ...DB.environment, MYSQL_DATABASE: "my-shop.db" } };
    const { applications, todo } = imported({ db, web: web() }, FLASK);
    expect(applications.web?.database).toMatchObject({ name: "my_shop_db" });
    expect(todo).toContainEqual(expect.stringMatching(/^web: its database is named my_shop_db, .* says my-shop\.db$/));
  });
  test("scripts among them, and files that are not there, are named", () => {
    const { applications, todo } = initial(["./sql:/docker-entrypoint-initdb.d", "./gone.sql:/docker-entrypoint-initdb.d/gone.sql"], {
      "sql/1.sql": "",
      "sql/2.sh": "",
    });
    expect(applications.web?.database).toMatchObject({ initialise: ["../../shop/sql/1.sql"] });
    expect(todo).toContainEqual(expect.stringMatching(/^db: sql\/2.sh: only .sql files/));
    expect(todo).toContainEqual(expect.stringMatching(/^db: gone.sql: does not exist/));
  });
  test("one that is built: its variables and files are those of its Dockerfile", () => {
    const dockerfile =
      "FROM mysql:5.7\nENV MYSQL_DATABASE=shop MYSQL_USER=shopper MYSQL_PASSWORD=dbpass-123\nCOPY init.sql /docker-entrypoint-initdb.d/\n";
    const { applications, todo } = imported(
      { db: { build: "./db" }, web: web({ environment: { DB_NAME: "shop", DB_HOST: "db" } }) },
      { ...FLASK, "db/Dockerfile": dockerfile, "db/init.sql": "" },
    );
    expect(applications.web?.database).toMatchObject({ name: "shop", user: "shopper", initialise: ["../../shop/db/init.sql"] });
    expect(todo).toContainEqual(expect.stringMatching(/^db: MySQL 5.7 becomes 9/));
  });
  test("a reserved name or account is not taken over", () => {
    const db = { image: "mysql:8.0", environment: { MYSQL_DATABASE: "sys", MYSQL_USER: "exporter", MYSQL_PASSWORD: "x" } };
    const { applications, todo } = imported({ db, web: web({ environment: { DB_NAME: "sys", DB_USER: "exporter" } }) }, FLASK);
    expect(applications.web?.database).toEqual({ requireTls: true });
    expect(todo).toContainEqual(expect.stringMatching(/^web: its database cannot be named sys/));
  });
  test("a second application cannot have it too", () => {
    const { applications, todo } = imported(
      { db: DB, web: web(), admin: { build: "./web", depends_on: ["db"], ports: ["8081:5001"] } },
      FLASK,
    );
    expect(applications.admin).toMatchObject({ database: false, ingress: { path: "/admin", stripPath: true } });
    expect(todo).toContainEqual(expect.stringMatching(/^admin: two applications cannot share a database/));
    expect(todo).toContainEqual(expect.stringMatching(/^admin: two applications have the same address: this one answers at \/admin/));
  });
});

describe("how an application runs", () => {
  test("replicas beyond the most are named", () => {
    const { applications, leftOut } = imported({ web: { image: "shop/web:1", ports: ["80:5000"], deploy: { replicas: 50 } } });
    expect([applications.web?.replicas, leftOut]).toEqual([20, ["web: 50 replicas: an application has at most 20"]]);
  });
  test("a Dockerfile for the code of a web server's image leaves the server's start as it is", () => {
    const services = { web: { image: "php:8.1-apache", ports: ["8080:80"], volumes: ["./src:/var/www/html"] } };
    const { todo } = imported(services, { "src/index.php": "<?php echo 1;" });
    expect(todo).toContainEqual(expect.stringMatching(/FROM php:8.1-apache\nWORKDIR \/var\/www\/html\nCOPY \. \.$/));
  });
  test.each([
    ["nginx", "server { listen 80; location /api/ { proxy_pass http://api:8000/; } }"],
    ["nginx", "upstream back { server api:8000; }\nserver { location / { proxy_pass http://back; } }"],
    ["httpd", "Listen 80\nProxyPass /api/ http://api:8000/\n"],
  ])("a front end whose own %s sends requests to another service is named", (image, text) => {
    const services = { front: { build: "./front", ports: ["80:80"] }, api: { image: "shop/api:1", ports: ["8000:8000"] } };
    const dockerfile = `FROM ${image}:1\nCOPY site /usr/share/nginx/html\nCOPY my.conf /etc/nginx/conf.d/default.conf\n`;
    const found = (conf: string) =>
      imported(services, { "front/Dockerfile": dockerfile, "front/my.conf": conf }).todo.filter((one) => /names the service/.test(one));
    expect(found(text)).toEqual([expect.stringMatching(/^front: front\/my\.conf names the service api, .* public names$/)]);
    expect(found(text.replaceAll("api:8000", "api.example.org"))).toEqual([]);
  });
  test("a health check without a command is none", () =>
    expect(imported({ web: { image: "shop/web:1", ports: ["80:5000"], healthcheck: { test: [] } } }).applications.web).not.toHaveProperty(
      "health",
    ));
  test("a service may have the name of a method of JavaScript's objects", () =>
    expect(imported({ constructor: { image: "shop/web:1", ports: ["80:5000"] } }).applications.constructor).not.toHaveProperty("metrics"));
  const run = (more: object, texts: Texts = FLASK) => imported({ db: DB, web: web(more) }, texts);
  const port = (more: object, dockerfile: string) =>
    imported({ db: DB, web: { build: "./web", ...more } }, { ...FLASK, "web/Dockerfile": DOCKERFILE + dockerfile }).applications.web?.port;
  test.each([
    [{ ports: ["8080:8000"] }, "", 8000],
    [{ expose: [7000] }, "EXPOSE 5000", 7000],
    [{ command: "gunicorn -b 0.0.0.0:8123 app:app" }, "EXPOSE 5000", 8123],
    [{}, "EXPOSE 5001\nCMD python app.py", 5001],
    [{}, 'CMD ["flask", "run", "--host", "0.0.0.0"]', 5000],
    [{}, 'CMD ["gunicorn", "app:app"]', 8000],
    [{ command: "python manage.py runserver 0.0.0.0:8001" }, "", 8001],
  ])("port of %j with %j", (more, dockerfile, expected) => expect(port(more, dockerfile)).toBe(expected));

  test("command, entry point, replicas, resources, graceful end, health", () => {
    const { applications } = run({
      command: "gunicorn app:app",
      entrypoint: "/entry.sh",
      deploy: { replicas: 2, resources: { limits: { cpus: "0.5", memory: "64M" } } },
      stop_grace_period: "1m",
      healthcheck: { test: "curl -f http://localhost:5000/health || exit 1", start_period: "3m" },
    });
    expect(applications.web).toMatchObject({
      command: ["/entry.sh"],
      args: ["gunicorn", "app:app"],
      replicas: 2,
      resources: { memory: "64Mi", memoryLimit: "64Mi", cpuLimit: "500m" },
      graceSeconds: 60,
      health: { path: "/health", startSeconds: 180 },
    });
  });
  test.each([
    [{ user: "root" }, "", { user: 0, podSecurity: "baseline", writable: true }, /RUNS AS ROOT \(user\)/],
    [{}, "USER root", { user: 0, podSecurity: "baseline" }, /RUNS AS ROOT \(Dockerfile\)/],
    [{ user: "1000:2000" }, "", { user: 1000 }, /the group 2000 becomes 1000/],
    [{}, "USER app", {}, /the user app has no number here/],
    [{ ports: ["80:80"] }, "", { port: 80 }, /port 80 needs root on some machines/],
  ])("%j with %j", (more, dockerfile, expected, message) => {
    const { applications, todo } = run(more, { ...FLASK, "web/Dockerfile": DOCKERFILE + dockerfile });
    expect(applications.web).toMatchObject(expected);
    expect(todo).toContainEqual(expect.stringMatching(message));
  });
  test("a server that listens at the loopback address only", () => {
    const { todo } = run(
      {},
      { ...FLASK, "web/Dockerfile": `${DOCKERFILE}CMD ["python", "app.py"]\n`, "web/app.py": "import flask\napp.run(port=5000)\n" },
    );
    expect(todo).toContainEqual(expect.stringMatching(/^web: app.py:2 starts the server without host/));
  });
  test("code that is mounted into an image needs a Dockerfile, which is written out", () => {
    const web = { image: "python:3.13", volumes: ["./src:/app"], ports: ["5000:5000"], command: "flask run" };
    const { applications, todo } = imported({ web }, { "src/app.py": "", "src/requirements.txt": "flask\n" });
    expect(applications.web?.build).toEqual({ context: "../../shop/src" });
    expect(todo).toContainEqual(
      expect.stringContaining(
        'FROM python:3.13\nWORKDIR /app\nCOPY . .\nRUN pip install --no-cache-dir -r requirements.txt\nCMD ["flask","run"]',
      ),
    );
  });
  test("an image without a version, and a name that is CloudNova's own", () => {
    const { applications, todo, taken } = imported({ app: { image: "me/shop:latest", ports: ["5000:5000"] } });
    expect(applications).toMatchObject({ shop: { image: "me/shop:VERSION", database: false } });
    expect(todo).toContain("app: name a version of me/shop in place of VERSION");
    expect(taken).toContainEqual(expect.stringMatching(/^app: its name here is shop/));
  });
});

test("the file has a comment on each decision, in the language that is spoken", () => {
  const services = { db: DB, web: web({ environment: { DB_HOST: "db" } }) };
  expect(imported(services, FLASK).text).toContain(`# made by a test
# kind runs on this computer; k3s on a server
cluster: kind
# the machine that everything has to fit on: correct it
machine:
  memory: 4Gi
  cpu: "2"
language: en
# each has a namespace, a database and an account of its own; without an entry webapp the sample does not run
applications:
  # from the service web
  web:
    # built by up
    build:
      context: ../../shop/web
    # from ports: 8080:5000; browsers reach it at 443 through Traefik
    port: 5000
    env:
      # was db
      DB_HOST: "{database.host}"
`);
  setLocale("es");
  expect(imported(services, FLASK, { language: "es" }).text).toContain("    # la construye up\n    build:");
});
