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
  describe("a web server that serves files and sends paths on", () => {
    const CONF =
      "server { listen 80; server_name shop.example.com; location / { root /usr/share/nginx/html; } location /api/ { proxy_pass http://api:8000/; } }";
    const api = { build: "./web", depends_on: ["db"] };
    const front = (dockerfile: string): Texts => ({ ...FLASK, "front/Dockerfile": dockerfile, "front/nginx.conf": CONF });
    const expected = {
      front: { port: 80, ingress: { host: "shop.example.com" }, database: false },
      api: { port: 8000, ingress: { host: "shop.example.com", path: "/api", stripPath: true } },
    };
    test.each([
      ["a file of the context", "FROM nginx:1.27\nCOPY site /usr/share/nginx/html\nCOPY nginx.conf /etc/nginx/conf.d/default.conf\n"],
      [
        "a file that a stage brings",
        "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm run build\nFROM nginx:1.27\nCOPY --from=build /app/dist /usr/share/nginx/html\nCOPY --from=build /app/nginx.conf /etc/nginx/nginx.conf\n",
      ],
    ])("%s: the Ingress sends the path on, and the file is named", (_, dockerfile) => {
      const { applications, todo } = imported({ db: DB, front: { build: "./front", ports: ["80:80"] }, api }, front(dockerfile));
      expect(applications).toMatchObject(expected);
      expect(todo).toContainEqual(expect.stringMatching(/^front: front\/nginx.conf sends \/api to api: the Ingress does so itself/));
    });
    test("mounted into an image: its files need a Dockerfile", () => {
      const volumes = ["./site:/usr/share/nginx/html:ro", "./site.conf:/etc/nginx/conf.d/default.conf:ro"];
      const { applications, todo, leftOut } = imported(
        { db: DB, front: { image: "nginx:1.27", ports: ["80:80"], volumes }, api },
        { ...FLASK, "site/index.html": "<h1>", "site.conf": CONF },
      );
      expect(applications).toMatchObject({ ...expected, front: { ...expected.front, build: { context: "../../shop/site" }, user: 0 } });
      expect(todo).toContainEqual(expect.stringContaining("FROM nginx:1.27\nWORKDIR /usr/share/nginx/html\nCOPY . ."));
      expect(leftOut).toContainEqual(expect.stringMatching(/^front: site.conf at \/etc\/nginx\/conf.d\/default.conf: copy the file into/));
    });
  });
  test("a web server alone that serves mounted files is an application", () => {
    const site = { image: "nginx:1.27", ports: ["8080:80"], volumes: ["./html:/usr/share/nginx/html"] };
    const { applications } = imported({ site }, { "html/index.html": "<h1>" });
    expect(applications).toMatchObject({ site: { build: { context: "../../shop/html" }, port: 80, user: 0, database: false } });
  });
  test("a proxy of which no request leads to a service is named with what to do", () => {
    const { todo } = imported({ web: { image: "shop/web:1", ports: ["80:5000"] }, site: { image: "nginx:1.27", volumes: ["html:/data"] } });
    expect(todo).toContainEqual(
      expect.stringMatching(/^site: no request of it was found to lead to a service of the project; if it serves/),
    );
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
  test.each([
    ["localhost:5000", "shop"],
    ["127.0.0.1:5000", "web"],
    ["host.docker.internal:5000", "docker-app"],
  ])("a job that asks %s, where no application is, is named", (target, job) => {
    const config = `scrape_configs: [{ job_name: ${job}, static_configs: [{ targets: ["${target}"] }] }]\n`;
    const { todo } = imported(services, { ...texts, "prometheus/prometheus.yml": config });
    expect(todo).toContain(
      `prometheus: the scrape job ${job} asks ${target}, which is no service of the project; if an application has these metrics, write metrics: { port: 5000, path: /metrics } into its entry`,
    );
  });
  test.each(["localhost:9090", "prometheus:9090", "node-exporter:9100", "mysqld-exporter:9104"])("a job for %s needs no word", (target) => {
    const config = `scrape_configs: [{ job_name: own, static_configs: [{ targets: ["${target}"] }] }]\n`;
    const { todo, leftOut } = imported(services, { ...texts, "prometheus/prometheus.yml": config });
    expect([...todo, ...leftOut].join()).not.toContain("the scrape job");
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

test("an image without a version, in a project that can build it, is named with the folder", () => {
  const services = { app: { image: "me/flask-app:latest", ports: ["9000:9000"] } };
  const { applications, todo } = imported(services, { Dockerfile: DOCKERFILE });
  expect(applications.shop).toMatchObject({ image: "me/flask-app:VERSION" });
  expect(todo).toContain(
    "app: name a version of me/flask-app in place of VERSION; if the project's Dockerfile makes this image, write build: { context: ../../shop } in place of image",
  );
  const alone = imported(services).todo;
  expect(alone).toContain("app: name a version of me/flask-app in place of VERSION");
  const built = imported({ ...services, web: { build: ".", ports: ["80:5000"] } }, { Dockerfile: DOCKERFILE }).todo;
  expect(built).toContain("app: name a version of me/flask-app in place of VERSION");
});

describe("an old package, which does not start with the newest ones beside it", () => {
  const required = (requirements: string) => imported({ db: DB, web: web() }, { ...FLASK, "web/requirements.txt": requirements }).todo;
  test.each([
    ["Flask 2.0.1", "", "Werkzeug<3"],
    ["Flask 2.2.3", "", "Werkzeug<3"],
    ["Flask 1.1.2", "", "Werkzeug<2.1, Jinja2<3.1, itsdangerous<2.1"],
    ["Flask 1.1.2", "jinja2==2.11.3\n", "Werkzeug<2.1, itsdangerous<2.1"],
    ["Flask-SQLAlchemy 2.4.4", "Flask==3.1\n", "SQLAlchemy<1.4"],
    ["Flask-SQLAlchemy 2.5.1", "Flask==1.1.2\n", "SQLAlchemy<2"],
  ])("%s beside %j is named with the lines that it needs", (named, others, lines) => {
    expect(required(`${named.replace(" ", "==")}\nPyMySQL==1.2.0\n${others}`)).toContain(
      `web: ${named} does not start with the newest packages, which pip installs beside it: add to requirements.txt: ${lines}`,
    );
  });
  test.each([
    ["flask==2.2.4\n"],
    ["Flask==3.1\n"],
    ["Flask>=2.0.1\n"],
    ["Flask~=2.0\n"],
    ["Flask\n"],
    ["Flask==2.0.1\nwerkzeug==2.0.3\n"],
    ["Flask-Login==0.5.0\n"],
    ["Flask-SQLAlchemy==3.0.0\n"],
    ["Flask-SQLAlchemy==2.4.4\nSQLAlchemy==1.3.24\n"],
  ])("%j needs none", (requirements) => {
    expect(required(requirements).join()).not.toContain("newest packages");
  });
});

describe("code that only a mount brings", () => {
  const withDockerfile = (dockerfile: string, volume: string, texts: Texts = {}) =>
    imported({ db: DB, web: web({ volumes: [volume] }) }, { ...FLASK, "web/app.py": "", ...texts, "web/Dockerfile": dockerfile });
  const START = "FROM python:3.13-slim\nWORKDIR /app\n";
  const INSTALL = "RUN pip install -r requirements.txt\n";
  test.each([
    ["requirements alone", `${START}COPY requirements.txt .\n${INSTALL}`, "./web:/app", "web at /app", "COPY . /app"],
    ["a script that starts it", `${START}COPY start.sh requirements*.txt /app/\n${INSTALL}`, "./web:/app", "web at /app", "COPY . /app"],
    ["it to where the container does not work", "FROM python:3.13\nADD . .\nWORKDIR /app\n", "./web:/app", "web at /app", "COPY . /app"],
    ["another folder", `${START}ADD src/requirements.txt /src/\n${INSTALL}`, "./web/src:/src", "web/src at /src", "COPY src /src"],
  ])("a Dockerfile that copies %s is named, with the line that it needs", (_, dockerfile, volume, mount, line) => {
    const { todo, leftOut } = withDockerfile(dockerfile, volume, { "web/src/run.py": "" });
    expect(todo).toContainEqual(
      `web: ${mount}: this mount alone brings the code, and the cluster has no such mount; add the line '${line}' to web/Dockerfile`,
    );
    expect(leftOut).not.toContainEqual(expect.stringContaining("the image holds the code"));
  });
  test("code outside the build context is named too", () => {
    const { todo } = withDockerfile(`${START}COPY requirements.txt .\n${INSTALL}`, "./code:/app", { "code/app.py": "" });
    expect(todo).toContainEqual(
      "web: code at /app: this mount alone brings the code, and the cluster has no such mount; move it below web, and add a COPY of it with the target /app to web/Dockerfile",
    );
  });
  test.each([
    ["the folder", `${START}COPY . .\n`],
    ["the folder by its name", `${START}COPY ./src/ /app/\n`],
    ["its files", `${START}COPY src/run.py src/requirements.txt ./\n`],
    ["every file", `${START}COPY src/* ./\n`],
    ["it to another folder, and works there", "FROM python:3.13\nWORKDIR /site\nCOPY . .\n"],
    ["a folder in it", `${START}COPY src/site /app/site\n`],
    ["it by another stage", `FROM python:3.13 AS build\nCOPY . /all\nFROM python:3.13-slim\nCOPY --from=build /all/src /app\n`],
  ])("a Dockerfile that copies %s has it", (_, dockerfile) => {
    const { todo, leftOut } = withDockerfile(dockerfile, "./web/src:/app", { "web/src/run.py": "", "web/src/site/a.py": "" });
    expect(leftOut).toContain("web: web/src at /app: the image holds the code");
    expect(todo.join()).not.toContain("this mount alone");
  });
});

describe("log files that the source opens", () => {
  const logging = (line: string, more: object = {}) =>
    imported({ db: DB, web: web(more) }, { ...FLASK, "web/main.py": `import logging\n${line}\n` });
  const named = "web: main.py:2: opens a log file where the application may not write; log to standard output, or to a file in /tmp";
  test.each([
    "file_handler = logging.FileHandler('tribunals.log')",
    'handler = RotatingFileHandler(filename="logs/app.log", maxBytes=1000)',
    'h = TimedRotatingFileHandler("/srv/logs/app.log")',
    'logging.basicConfig(level=logging.INFO, filename="app.log")',
  ])("%s is named", (line) => {
    expect(logging(line).todo).toContain(named);
  });
  test.each([
    ["in /tmp", "logging.FileHandler('/tmp/tribunals.log')", {}],
    ["in a volume", "logging.FileHandler('data/app.log')", { volumes: ["data:/app/data"] }],
    ["in a folder that it may write to", "logging.FileHandler('/scratch/app.log')", { tmpfs: "/scratch" }],
    ["of an application that runs as root", "logging.FileHandler('app.log')", { user: "0" }],
    ["whose name a variable has", "logging.FileHandler(path)", {}],
  ])("one %s is not", (_, line, more) => {
    expect(logging(line, more).todo).not.toContain(named);
  });
});

describe("odd mounts", () => {
  const mounted = (volumes: readonly unknown[], texts: Texts = {}, more: object = {}, top: object = {}) =>
    imported({ db: DB, web: web({ volumes, ...more }) }, { ...FLASK, ...texts }, {}, top);
  test("a folder that does not exist is named, and every volume that begins empty", () => {
    const { applications, todo } = mounted(["./gone:/srv/gone", "./data:/srv/data", "uploads:/srv/uploads"], { "data/a.csv": "" });
    expect(applications.web?.volumes).toEqual({
      gone: { path: "/srv/gone" },
      data: { path: "/srv/data" },
      uploads: { path: "/srv/uploads" },
    });
    expect(todo).toContainEqual(expect.stringMatching(/^web: gone at \/srv\/gone does not exist here, so an empty volume takes its place/));
    expect(todo).toContainEqual(
      expect.stringMatching(
        /^web: its volumes begin empty: \/srv\/data \(data\), \/srv\/uploads \(uploads\);.* 'npx cloudnova import data web --volume data=FOLDER --volume uploads=FOLDER'$/,
      ),
    );
  });
  test.each([
    ["./model.bin:/srv/model.bin", { "model.bin": "" }, /^web: model.bin at \/srv\/model.bin: copy the file into the image/],
    ["./settings:/etc/shop:ro", { "settings/a.ini": "" }, /^web: settings at \/etc\/shop: copy the folder into the image/],
    ["/etc/ssl/certs:/certs:ro", {}, /^web: volumes \/certs: belongs to the machine/],
    ["/run/mysqld/mysqld.sock:/sock", {}, /^web: volumes \/sock: belongs to the machine/],
    ["/:/host:ro", {}, /^web: volumes \/host: belongs to the machine/],
    [{ type: "image", source: "busybox", target: "/tools" }, {}, /^web: volumes \/tools: CloudNova has no mounts of type image/],
  ])("%j is no empty volume", (volume, texts, expected) => {
    const { applications, leftOut } = mounted([volume], texts);
    expect(applications.web).not.toHaveProperty("volumes");
    expect(leftOut).toContainEqual(expect.stringMatching(expected));
  });
  test("a file that is too large to be read is a file", () => {
    const files = filesOf({
      ...FLASK,
      "compose.yaml": stringify({ services: { db: DB, web: web({ volumes: ["./big.bin:/srv/big.bin"] }) } }),
      "big.bin": "",
    });
    const unreadable: Files = { ...files, read: (path) => (path.endsWith("big.bin") ? undefined : files.read(path)) };
    const { notes } = decide(loadProject([join(HOME, "compose.yaml")], { files: unreadable, env: {} }), {
      cluster: "kind",
      language: "en",
      folder: "/home/me/cloudnova/environments",
      files: unreadable,
      profiles: [],
      dashboard: () => ({ why: "not here" }),
    });
    expect(notes).toContainEqual({
      kind: "leftOut",
      subject: "web",
      text: expect.stringMatching(/^big.bin at \/srv\/big.bin: copy the file/),
    });
  });
  test("a secret inside a volume gets another place", () => {
    const secrets = [{ source: "token", target: "/srv/data/token" }];
    const { applications, todo } = mounted(["data:/srv/data"], {}, { secrets }, { secrets: { token: { file: "./token.txt" } } });
    expect(applications.web?.secrets).toMatchObject({ TOKEN: { file: "/run/secrets/token" } });
    expect(todo).toContainEqual(expect.stringMatching(/^web: its secret \/srv\/data\/token was inside the volume \/srv\/data: now it is/));
  });
});

describe("the database", () => {
  const initial = (volumes: readonly string[], texts: Texts) =>
    imported({ db: { ...DB, environment: { MYSQL_ROOT_PASSWORD: "x" }, volumes }, web: web() }, { ...FLASK, ...texts });
  test("its files for the first start run in the application's database, which has the name that they use", () => {
    const { applications } = initial(["./sql:/docker-entrypoint-initdb.d:ro"], {
      "sql/1.sql": "CREATE DATABASE IF NOT EXISTS `catalogue`;\nUSE catalogue;\nCREATE TABLE t (id INT);\n",
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
  describe("of several services", () => {
    const env = { DB_HOST: "db", DB_USER: "shopper", DB_PASSWORD: "dbpass-123", DB_NAME: "shop" };
    test("the one that names it gets it before one that only waits for it", () => {
      const front = { image: "shop/front:1", ports: ["80:80"], depends_on: ["db"] };
      const api = { image: "shop/api:1", ports: ["8000:8000"], depends_on: ["db"], environment: env };
      const { applications, todo } = imported({ front, db: DB, api });
      expect(applications).toMatchObject({
        front: { database: false },
        api: { database: { name: "shop" }, env: { DB_HOST: "{database.host}" } },
      });
      expect(todo.filter((one) => /cannot share/.test(one))).toEqual([]);
    });
    test("of two that need it the first gets it; both are named, with what to write", () => {
      const one = (port: number) => ({ image: "shop/one:1", ports: [`${port}:5000`], environment: env });
      const { applications, todo, taken } = imported({ db: DB, shop: one(80), admin: one(81) });
      expect([applications.shop?.database, applications.admin?.database]).toEqual([expect.objectContaining({ name: "shop" }), false]);
      expect(taken).toContain("shop: it gets the database of db; admin uses it too, and does not get it");
      expect(todo).toContainEqual(
        expect.stringMatching(/^admin: it uses the database of db, which shop has: .* in DB_HOST, DB_USER, DB_PASSWORD, DB_NAME\./),
      );
    });
    test("of two that name it, the one that waits for it gets it, whatever addresses they have", () => {
      const one = (port: number, more: object = {}) => ({ image: "shop/one:1", ports: [`${port}:5000`], environment: env, ...more });
      const { applications } = imported({ db: DB, admin: one(81), shop: one(80, { depends_on: ["db"] }) });
      expect(applications).toMatchObject({ shop: { database: { name: "shop" } }, admin: { database: false } });
    });
    test("of two that name it and have addresses in another order, the first of the file gets it", () => {
      const proxy = { image: "nginx:1.27", volumes: ["./site.conf:/etc/nginx/conf.d/default.conf"] };
      const one = { image: "shop/one:1", environment: env };
      const conf = "server { location /api { proxy_pass http://api:5000; } location / { proxy_pass http://site:5000; } }";
      const { applications } = imported({ db: DB, api: one, site: one, proxy }, { "site.conf": conf });
      expect(Object.keys(applications)).toEqual(["site", "api"]);
      expect(applications).toMatchObject({ api: { database: { name: "shop" } }, site: { database: false } });
    });
    test("each gets the server that its variables name, though it waits for none", () => {
      const one = (host: string, port: number) => ({
        image: "shop/one:1",
        ports: [`${port}:5000`],
        environment: { ...env, DB_HOST: host },
      });
      const { applications } = imported({ db: DB, db2: DB, second: one("db2", 80), first: one("db", 81) });
      expect(applications).toMatchObject({
        second: { database: { name: "shop" }, env: { DB_HOST: "{database.host}" } },
        first: { database: { requireTls: false }, env: { DB_HOST: "{database.host}" } },
      });
    });
    test("two servers with databases and accounts of one name: the second has others, and is named", () => {
      const one = (host: string, port: number) => ({
        image: "shop/one:1",
        ports: [`${port}:5000`],
        environment: { ...env, DB_HOST: host },
      });
      const { applications, todo } = imported({ db: DB, db2: DB, "shop-a": one("db", 80), "shop-b": one("db2", 81) });
      expect(applications["shop-a"]?.database).toMatchObject({ name: "shop", user: "shopper" });
      expect(applications["shop-b"]?.database).toEqual({ requireTls: false });
      expect(todo).toContainEqual(
        expect.stringMatching(/^shop-b: its database is named shop_b, as shop-a has one of the name shop: change/),
      );
    });
    test("a name that another application's database has already is not its default", () => {
      const one = (environment: object, port: number) => ({ image: "shop/one:1", ports: [`${port}:5000`], environment });
      const { applications, config } = imported({
        db: { ...DB, environment: { MYSQL_DATABASE: "shop" } },
        db2: { image: "mysql:8.0", environment: {} },
        front: one({ DB_HOST: "db" }, 80),
        shop: one({ DB_HOST: "db2" }, 81),
      });
      expect(applications.shop?.database).toMatchObject({ name: "shop_2" });
      expect(config.applications.map(({ database }) => (database ? database.name : ""))).toEqual(["shop", "shop_2"]);
    });
    test("outside of the project: several keep it", () => {
      const one = (port: number) => ({ build: "./web", ports: [`${port}:5000`], environment: { DB_HOST: "mysql.example.com" } });
      const { applications, todo } = imported({ first: one(80), second: one(81) }, FLASK);
      expect(applications).toMatchObject({
        first: { database: false },
        second: { database: false, env: { DB_HOST: "mysql.example.com" } },
      });
      expect(todo.filter((text) => /it uses a MySQL server outside of the project/.test(text))).toHaveLength(2);
    });
  });
  test("a SQL file in capitals runs, and is named", () => {
    const { applications, taken } = initial(["./sql:/docker-entrypoint-initdb.d"], { "sql/01.sql": "", "sql/02.SQL": "" });
    expect(applications.web?.database).toMatchObject({ initialise: ["../../shop/sql"] });
    expect(taken).toContainEqual(expect.stringMatching(/^db: sql\/02.SQL: MySQL's image runs names in .sql alone; here it runs as well/));
  });
  test.each([
    ["two words", ["--init-file", "/data/init.sql"]],
    ["one word", ["mysqld", "--init-file=/data/init.sql"]],
    ["MySQL's other spelling", ["--init_file=/data/init.sql"]],
  ])("a file that the server's command names as %s runs in the empty database", (_, command) => {
    const db = { ...DB, command, volumes: ["./mysql/init.sql:/data/init.sql"] };
    const { applications, taken, leftOut } = imported({ db, web: web() }, { ...FLASK, "mysql/init.sql": "CREATE TABLE t (id INT);\n" });
    expect(applications.web?.database).toMatchObject({ name: "shop", initialise: ["../../shop/mysql/init.sql"] });
    expect(taken).toContain("db: mysql/init.sql: run once in the empty database; synth checks them");
    expect(leftOut.join()).not.toContain("--init");
  });
  test("a file for the first start that only makes the database and its account is left out", () => {
    const { applications, leftOut } = initial(["./sql:/docker-entrypoint-initdb.d"], {
      "sql/1.sql":
        "CREATE DATABASE IF NOT EXISTS medcooperative;\nUSE medcooperative;\nCREATE USER IF NOT EXISTS 'user'@'%' IDENTIFIED BY 'password';\nGRANT ALL PRIVILEGES ON *.* TO 'user'@'%';\nFLUSH PRIVILEGES;",
    });
    expect(applications.web?.database).toEqual({ name: "medcooperative", requireTls: true });
    expect(leftOut).toContain("db: sql/1.sql: only makes the database and its account, which CloudNova makes itself");
  });
  test.each([
    ["a table", "CREATE DATABASE IF NOT EXISTS catalogue;\nUSE catalogue;\nCREATE TABLE t (id INT);\n"],
    ["another database", "CREATE DATABASE IF NOT EXISTS catalogue;\nUSE catalogue;\nCREATE DATABASE other;\n"],
    ["nothing", "-- later\n"],
  ])("one that makes %s runs", (_, sql) => {
    const { applications } = initial(["./sql:/docker-entrypoint-initdb.d"], { "sql/1.sql": sql });
    expect(applications.web?.database).toMatchObject({ initialise: ["../../shop/sql"] });
  });
  test("a second application cannot have it too", () => {
    const { applications, todo } = imported(
      { db: DB, web: web(), admin: { build: "./web", depends_on: ["db"], ports: ["8081:5001"] } },
      FLASK,
    );
    expect(applications.admin).toMatchObject({ database: false, ingress: { path: "/admin", stripPath: true } });
    expect(todo).toContainEqual(expect.stringMatching(/^admin: it uses the database of db, which web has: two applications cannot share/));
    expect(todo).toContainEqual(expect.stringMatching(/^admin: two applications have the same address: this one answers at \/admin/));
  });
});

describe("how an application runs", () => {
  test.each([
    ["webapp", "its name here is shop: webapp is the name of the sample application"],
    ["mysql", "its name here is shop: mysql is the name of a part of CloudNova"],
    ["123", "its name here is shop: a name needs letters from a to z"],
    ["Tienda", "its name here is tienda"],
  ])("why the service %s has another name", (service, expected) =>
    expect(imported({ [service]: { image: "me/one:1", ports: ["80:5000"] } }).taken).toContain(`${service}: ${expected}`),
  );
  test("why a service has another name than one that is spelt like it", () => {
    const one = (port: number) => ({ image: "me/one:1", ports: [`${port}:5000`] });
    expect(imported({ my_site: one(80), "my-site": one(81) }).taken).toContain(
      "my-site: its name here is shop: the service my_site has the name my-site",
    );
  });
  test("no replicas at all are named", () => {
    const { leftOut } = imported({ web: { image: "shop/web:1", ports: ["80:5000"], deploy: { replicas: 0 } } });
    expect(leftOut).toEqual(["web: 0 replicas: here it runs once; remove the entry if it should not run"]);
  });
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
      imported(services, { "front/Dockerfile": dockerfile, "front/my.conf": conf }).todo.filter((one) =>
        /names the service|the Ingress does so/.test(one),
      );
    const path = text.includes("/api/");
    expect(found(text)).toEqual([
      path
        ? expect.stringMatching(/^front: front\/my\.conf sends \/api to api: the Ingress does so itself; remove this location/)
        : expect.stringMatching(/^front: front\/my\.conf names the service api, .* public names$/),
    ]);
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
  test("a command that names the database's host gets placeholders, and text that looks like one stays itself", () => {
    const { applications, taken } = run({
      entrypoint: ["/wait-for-it.sh", "db:3306", "--"],
      command: ["sh", "-c", "mysqladmin ping -h db && echo {database.foo} dashdb:3306"],
      environment: { TEMPLATE: "{database.foo}" },
    });
    expect(applications.web).toMatchObject({
      command: ["/wait-for-it.sh", "{database.host}:{database.port}", "--"],
      args: ["sh", "-c", "mysqladmin ping -h {database.host} && echo {{database.foo}} dashdb:3306"],
      env: { TEMPLATE: "{{database.foo}}" },
    });
    expect(taken).toContainEqual(expect.stringMatching(/^web: the command named the database's host: now \{database.host\}/));
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
