import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { run } from "../../src/cli/run.ts";
import { setLocale } from "../../src/language.ts";
import { FakeApi } from "../cluster/transport/api.ts";
import { serveExec } from "../cluster/transport/stub-exec.ts";
import { synthesiseText } from "../manifests.ts";
import { temporaryFolder } from "../temporary.ts";

/**
 * MySQL's container by a shell script that keeps what it was sent: what the real server makes of it is in test/real/import-data.test.ts.
 * @param facts what the application's database holds, as target.sh prints it
 */
const fakeMysql = (folder: string, facts: string) => `
case $1 in
  facts) printf '%s\\n' '{"database": 1}' '{"connections": 0}' '${facts}' ;;
  load) cat > ${folder}/loaded.sql ;;
  tables) echo '{"table": "orders", "rows": 2}' ;;
  swap) touch ${folder}/swapped ;;
  clean) touch ${folder}/cleaned ;;
esac`;

const COMPOSE = `services:
  db:
    image: mysql:8.0
    environment: { MYSQL_DATABASE: shop, MYSQL_ROOT_PASSWORD: secret }
  web:
    build: .
    ports: ["5000"]
    volumes: ["uploads:/srv/uploads/"]
volumes: { uploads: {} }
`;
const DUMP = "CREATE TABLE orders (id INT);\nINSERT INTO orders VALUES (1),(2);\n";

const home = process.cwd();
let api: FakeApi;
let folder: string;
let facts: string;
let uploads: string;
let inApplication: (command: readonly string[]) => readonly string[];

beforeEach(async () => {
  folder = temporaryFolder("import-data");
  uploads = join(folder, "volume");
  for (const name of ["volume", "environments/sources", "dist/shop", "shop", "bin", "old"])
    mkdirSync(join(folder, name), { recursive: true });
  const environment = `cluster: kind
machine: { memory: 8Gi, cpu: '4' }
applications:
  web: { image: "a:1", database: { name: shop }, volumes: { uploads: { path: /srv/uploads } } }
  page: { image: "b:1", database: false, ingress: { path: /page } }
`;
  writeFileSync(join(folder, "environments", "shop.yaml"), environment);
  for (const [file, content] of synthesiseText(environment, "shop").files) writeFileSync(join(folder, "dist", "shop", file), content);
  writeFileSync(join(folder, "shop", "docker-compose.yml"), COMPOSE);
  writeFileSync(join(folder, "dump.sql"), DUMP);
  facts = "";
  inApplication = (command) => command.map((word) => (word === "/srv/uploads" ? uploads : word));
  api = await FakeApi.start();
  writeFileSync(join(folder, "kubeconfig"), api.kubeconfig("fake"));
  const conditions = [{ type: "Ready", status: "True" }];
  for (const [namespace, name] of [
    ["cloudnova", "mysql"],
    ["cloudnova-web", "web"],
  ] as const)
    api.put(`/api/v1/namespaces/${namespace}/pods`, {
      metadata: { name: `${name}-0`, labels: { "app.kubernetes.io/name": name } },
      status: { conditions },
    });
  api.upgrade = serveExec(({ pod }, command) =>
    pod === "mysql-0" ? ["bash", "-c", fakeMysql(folder, facts), "mysql", ...command.slice(4)] : inApplication(command),
  );
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(home);
  api.stop();
  setLocale("en");
});

async function type(args: readonly string[], stdin: Readable = new PassThrough(), path = "/usr/bin:/bin") {
  const chunks = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof chunks) =>
    new PassThrough().on("data", (chunk) => {
      chunks[name] += chunk;
    });
  const io = { stdin, stdout: stream("stdout"), stderr: stream("stderr"), env: { PATH: path } };
  const code = await run(["import", "data", ...args, "--kubeconfig", "kubeconfig", "--context", "fake"], io);
  return { code, ...chunks };
}
const files = () => readdirSync(folder).filter((name) => ["loaded.sql", "swapped", "cleaned"].includes(name));

test("a dump is loaded, its rows are compared, and the application's database is swapped", async () => {
  const { code, stdout, stderr } = await type(["web", "shop", "--from", "dump.sql"]);
  expect([code, stderr]).toEqual([0, "loading dump.sql beside the database shop …\n"]);
  expect(stdout).toBe(
    "Rows of shop, imported from dump.sql\n  TABLE   OLD  NEW\n  orders    2    2\n  total     2    2\n\nimported; see the application: npx cloudnova logs shop --context fake --kubeconfig kubeconfig --component=web\n",
  );
  expect(readFileSync("loaded.sql", "utf8")).toBe(`${DUMP}\nDELIMITER ;\nCOMMIT;\n`);
  expect(files()).toEqual(["loaded.sql", "swapped"]);
});

test("another number of rows ends with 1, and the table says where, in Spanish too", async () => {
  writeFileSync("dump.sql", `${DUMP}INSERT INTO orders VALUES (3);\n`);
  const { code, stdout, stderr } = await type(["web", "shop", "--from", "dump.sql", "--language", "es"]);
  expect([code, stdout]).toEqual([1, expect.stringContaining("  orders      3      2  difiere\n")]);
  expect(stderr).toContain("error: la anterior y la nueva no tienen el mismo número de filas");
});

test("what was begun is removed when the dump breaks off", async () => {
  const { code, stderr } = await type(
    ["web", "shop", "--from", "-"],
    Readable.from([Buffer.from("CREATE TABLE orders (id INT);\nINSERT INTO orders VALUES ('")]),
  );
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining("error: standard input:2: the dump ends in the middle\n  → make the dump again"),
  ]);
  expect(files()).toContain("cleaned");
  expect(files()).not.toContain("swapped");
});

test.each([
  [[], /nothing to import was given\n {2}→ give a dump with --from/],
  [["--from", "dump.sql", "--compose", "shop"], /--from and --compose were both given/],
  [["--from", "dump.sql", "--service", "db"], /--service is for --compose alone/],
  [["--from", "gone.sql"], /gone.sql: cannot be read \(ENOENT\)\n {2}→ give a file that mysqldump/],
  [["--from", "shop"], /shop is a folder/],
  [["--from", "zip"], /zip is an archive that is not read here\n {2}→ unpack it first: unzip zip/],
  [["--from", "empty"], /empty is empty/],
  [["--from", "half.gz"], /half.gz: the archive is not whole/],
  [["--from", "lite"], /lite is a dump of SQLite, not of MySQL or MariaDB/],
  [["--volume", "upload=old"], /upload=old: applications.web has no such volume; write NAME=FOLDER\n {2}→ its volumes are: uploads/],
  [["--volume", "uploads=gone"], /gone is no folder/],
])("%j ends with 1 and words, and changes nothing", async (args, words) => {
  writeFileSync("zip", Buffer.from([0x50, 0x4b, 3, 4, ...Array(20).fill(0)]));
  writeFileSync("empty", "");
  writeFileSync("half.gz", Buffer.from("1f8b0800000000000003", "hex"));
  writeFileSync("lite", "SQLite format 3\0");
  const { code, stderr } = await type(["web", "shop", ...args]);
  expect([code, stderr]).toEqual([1, expect.stringMatching(words)]);
  expect(files()).not.toContain("swapped");
});
test.each([
  ["webb", /the environment has no application webb.*'?web'?.*\n {2}→ its applications are: web, page/],
  ["page", /applications.page has database: false/],
])("application %s", async (name, words) => {
  expect((await type([name, "shop", "--from", "dump.sql"])).stderr).toMatch(words);
});

test("a database with rows is replaced only when it is asked for, and answered", async () => {
  facts = '{"table": "users", "rows": 12}';
  expect((await type(["web", "shop", "--from", "dump.sql"])).stderr).toContain("database shop is not empty: users 12\n  → add --replace");
  expect((await type(["web", "shop", "--from", "dump.sql", "--replace"])).stderr).toContain("The database shop has 12 rows in 1 tables.");
  const answer = Object.assign(new PassThrough(), { isTTY: true });
  answer.end("no\n");
  expect((await type(["web", "shop", "--from", "dump.sql", "--replace"], answer)).stderr).toContain("error: nothing was changed\n");
  expect(files()).not.toContain("swapped");
  expect((await type(["web", "shop", "--from", "dump.sql", "--replace", "--yes"])).code).toBe(0);
});

test("another import, and SQL files of the first start that still run", async () => {
  facts = '{"connections": 1}';
  expect((await type(["web", "shop", "--from", "dump.sql"])).stderr).toContain("another import into this MySQL is at work");
});

describe("files of a volume", () => {
  const fill = (name: string) => {
    mkdirSync(join("old", "deep"), { recursive: true });
    writeFileSync(join("old", name), "12345");
    writeFileSync(join("old", ".hidden"), "1");
    writeFileSync(join("old", "deep", "a b'c"), "123");
  };
  test("are copied, counted and compared", async () => {
    fill("a.png");
    const { code, stdout } = await type(["web", "shop", "--volume", "uploads=old", "--output", "json"]);
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      {
        application: "web",
        volumes: [{ volume: "uploads", source: "old", old: { files: 3, bytes: 9 }, new: { files: 3, bytes: 9 } }],
        differs: false,
      },
    ]);
    expect(readdirSync(uploads).sort()).toEqual([".hidden", "a.png", "deep"]);
    expect(readFileSync(join(uploads, "deep", "a b'c"), "utf8")).toBe("123");
  });
  test("replace what is there only when it is asked for", async () => {
    fill("a.png");
    mkdirSync(join(uploads, "deep"));
    writeFileSync(join(uploads, "deep", "mine"), "1");
    expect((await type(["web", "shop", "--volume", "uploads=old"])).stderr).toContain("web:/srv/uploads is not empty: 1 files, 1 bytes");
    const replace = ["web", "shop", "--volume", "uploads=old", "--replace"];
    expect((await type(replace)).stderr).toMatch(
      /^web:\/srv\/uploads has 1 files, 1 bytes. The import replaces all of them.\nerror: .*\n {2}→ add --yes/,
    );
    const answer = Object.assign(new PassThrough(), { isTTY: true });
    answer.end("no\n");
    expect((await type(replace, answer)).stderr).toContain("error: nothing was changed\n");
    expect(readdirSync(join(uploads, "deep"))).toEqual(["mine"]);
    expect((await type([...replace, "--yes"])).stdout).toMatch(/uploads +3 +3 +9 +9\n/);
    expect(readdirSync(join(uploads, "deep"))).toEqual(["a b'c"]);
    expect(readdirSync(uploads).sort()).toEqual([".hidden", "a.png", "deep"]);
  });
  /** The application's container with a program that fails, by a shell script. */
  const failing = (name: string, text: string) => {
    mkdirSync("fails");
    writeFileSync(join("fails", name), `#!/bin/sh\n${text}\nexec /bin/${name} "$@"\n`, { mode: 0o755 });
    const usual = inApplication;
    inApplication = (command) => ["env", `PATH=${folder}/fails:/usr/bin:/bin`, ...usual(command)];
  };
  test("that cannot be read keep the rows from being swapped: the next try is free", async () => {
    fill("a.png");
    failing("tar", 'echo "tar: no space left on device" >&2; exit 1');
    const { code, stderr } = await type(["web", "shop", "--from", "dump.sql", "--volume", "uploads=old"]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("error: web:/srv/uploads: tar: no space left on device\n  → the volume was not changed"),
    ]);
    expect(files()).toEqual(["cleaned", "loaded.sql"]);
    expect(readdirSync(uploads)).toEqual([]);
  });
  test("that cannot be moved leave the volume as it was; the rows are there, and only the files are imported again", async () => {
    fill("a.png");
    for (const name of ["b", "locked", "z"]) writeFileSync(join(uploads, name), "1");
    failing("mv", '[ "$1" != ./locked ] || { echo "mv: locked: Permission denied" >&2; exit 1; }');
    const volume = ["--volume", "uploads=old", "--replace", "--yes"];
    const { code, stderr } = await type(["web", "shop", "--from", "dump.sql", ...volume]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(
        /\nimported: the rows of shop; not the rest. Import the other files with --volume alone\nerror: web:\/srv\/uploads: mv: locked: Permission denied\n {2}→ the volume was not changed/,
      ),
    ]);
    expect(files()).toContain("swapped");
    expect(readdirSync(uploads)).toEqual(["b", "locked", "z"]);
    writeFileSync(join("fails", "mv"), '#!/bin/sh\nexec /bin/mv "$@"\n');
    expect((await type(["web", "shop", ...volume])).code).toBe(0);
    expect(readdirSync(uploads).sort()).toEqual([".hidden", "a.png", "deep"]);
  });
  test("that cannot be put back are named, with where they are", async () => {
    fill("a.png");
    for (const name of ["b", "c"]) writeFileSync(join(uploads, name), "1");
    failing("mv", `[ "$1" != ./c ] && [ ! -e ${folder}/stuck ] || { touch ${folder}/stuck; echo "mv: $1: stuck" >&2; exit 1; }`);
    const { code, stderr } = await type(["web", "shop", "--volume", "uploads=old", "--replace", "--yes"]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(
        /error: web:\/srv\/uploads: files that were there are in its folder .cloudnova-leaving or .cloudnova-left, and could not be put back: web:\/srv\/uploads: mv: .\/b: stuck\n {2}→ delete neither folder/,
      ),
    ]);
    expect(readdirSync(join(uploads, ".cloudnova-leaving"))).toEqual(["b"]);
  });
  test("an image without tar is named, and the volume is as it was", async () => {
    fill("a.png");
    inApplication = () => ["no-such-program"];
    expect((await type(["web", "shop", "--volume", "uploads=old"])).stderr).toContain(
      "web:/srv/uploads: its image has no sh, tar, find, cat or wc",
    );
    mkdirSync("none");
    for (const program of ["sh", "find", "cat", "wc", "mkdir", "rm"]) symlinkSync(`/usr/bin/${program}`, join("none", program));
    inApplication = (command) => ["env", `PATH=${folder}/none`, ...command.map((word) => (word === "/srv/uploads" ? uploads : word))];
    expect((await type(["web", "shop", "--volume", "uploads=old"])).stderr).toContain("its image has no sh, tar, find, cat or wc");
    expect(readdirSync(uploads)).toEqual([]);
  });
});

describe("a running Compose project", () => {
  /** `docker` by a shell script: `docker compose exec -T SERVICE …` runs here, with MySQL's programs by scripts beside it. */
  const docker = (mysql: string, dump = `cat ${folder}/dump.sql`) => {
    const programs = {
      docker: `[ "$2" = version ] && exit 1
[ "$1 $2 $3 $4 $5" = "compose -f ${folder}/shop/docker-compose.yml exec -T" ] || { echo "unexpected: $*" >&2; exit 9; }
service=$6; shift 6
case $service in
  db) MYSQL_ROOT_PASSWORD=secret PATH=${folder}/bin:/usr/bin:/bin exec "$@" ;;
  web) for word; do shift; [ "$word" = /srv/uploads ] && word=${folder}/old; set -- "$@" "$word"; done; exec "$@" ;;
esac`,
      mysql,
      mysqldump: `echo "$*" > ${folder}/dump-options\n${dump}`,
    };
    for (const [name, text] of Object.entries(programs)) writeFileSync(join("bin", name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  };
  /** mysql by a script that knows the password, the databases and the rows of one table. */
  const MYSQL = `[ "$MYSQL_PWD" = secret ] || { echo "ERROR 1045 (28000): Access denied for user 'root'@'localhost'" >&2; exit 1; }
case "$*" in *--execute*) exit 0 ;; esac
read -r first
case "$first" in
  "SHOW DATABASES") printf 'information_schema\\nmysql\\nshop\\n' ;;
  "SELECT CONCAT"*) echo "SELECT orders;" ;;
  "SELECT orders;") printf 'orders\\t2\\n' ;;
esac`;
  const compose = (...args: readonly string[]) =>
    type(["web", "shop", "--compose", "shop", ...args], new PassThrough(), `${folder}/bin:/usr/bin:/bin`);

  test("its database is dumped with the accounts of its variables, counted by itself, and its volume is copied", async () => {
    docker(MYSQL);
    writeFileSync(join("old", "a.png"), "12345");
    const { code, stdout, stderr } = await compose();
    expect([code, stderr]).toEqual([0, expect.stringContaining("loading db:shop beside the database shop …\n")]);
    expect(stdout).toMatch(/^Rows of shop, imported from db:shop\n[\s\S]*\n {2}orders +2 +2\n[\s\S]*\n {2}uploads +1 +1 +5 +5\n/);
    expect(readFileSync("loaded.sql", "utf8")).toContain(DUMP);
    expect(readFileSync("dump-options", "utf8")).toMatch(
      /^--user=root --single-transaction .*--loose-set-gtid-purged=OFF --loose-column-statistics=0 shop\n$/,
    );
  });
  test("a password that its data does not have", async () => {
    docker(MYSQL.replace("= secret ]", "= other ]"));
    const { code, stderr } = await compose();
    expect([code, stderr]).toEqual([1, expect.stringMatching(/service db: none of the accounts in its variables gets in: ERROR 1045/)]);
  });
  test("a dump that fails halfway changes nothing, and says why", async () => {
    docker(MYSQL, `cat ${folder}/dump.sql; echo "mysqldump: Error 2013: Lost connection to server during query" >&2; exit 3`);
    const { code, stderr } = await compose();
    expect([code, stderr]).toEqual([1, expect.stringContaining("error: service db: mysqldump: Error 2013: Lost connection")]);
    expect(files()).toContain("cleaned");
    expect(files()).not.toContain("swapped");
  });
  test("several databases, several services, and none", async () => {
    docker(MYSQL.replace("shop\\n'", "a\\nb\\n'"));
    expect((await compose()).stderr).toContain("service db: it is not clear which database is meant: a, b\n  → name it with --database");
    expect((await compose("--service", "x")).stderr).toContain("the project has no service x\n  → its services are: db, web");
    writeFileSync(join("shop", "docker-compose.yml"), `${COMPOSE}`.replace("services:", "services:\n  other: { image: mariadb:11 }"));
    expect((await compose()).stderr).toContain("several services are databases: other, db\n  → name it with --service: other, db");
    writeFileSync(join("shop", "docker-compose.yml"), "services: { web: { build: . } }\n");
    expect((await compose()).stderr).toContain("no service of the project runs an image of MySQL or MariaDB");
  });
  test("a machine without docker compose", async () => {
    mkdirSync("empty-path");
    const { stderr } = await type(["web", "shop", "--compose", "shop"], new PassThrough(), join(folder, "empty-path"));
    expect(stderr).toContain("there is no docker compose on this machine\n  → run the command where the project runs");
  });
});
