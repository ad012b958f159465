import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../../../tools/common/run.ts";
import { selfSigned } from "../../certificate.ts";
import type { KindCluster } from "../suite/suite-cluster.ts";
import { until } from "../suite/wait.ts";

/** A server outside of the cluster: a container of its own beside the nodes, with a name in Docker's network, which the cluster's DNS asks. */
export class Outside {
  /** Its certificate, PEM: what its clients must trust. */
  readonly certificate: string;
  private readonly key: string;

  /**
   * @param container its name
   * @param host its name in the network, for which its certificate is
   */
  constructor(
    protected readonly cluster: KindCluster,
    readonly container: string,
    readonly host: string,
  ) {
    const { key, cert } = selfSigned(`DNS:${host}`, 2, host);
    this.key = key;
    this.certificate = cert;
  }

  /** Makes the container, in which nothing runs yet. @param image of Debian's packages */
  protected async make(image: string): Promise<void> {
    await this.remove();
    const place = ["--network", "kind", "--network-alias", this.host];
    await this.cluster.docker("run", "--detach", "--name", this.container, ...place, image, "sleep", "infinity");
    await this.write("/etc/outside/tls.crt", this.certificate);
    await this.write("/etc/outside/tls.key", this.key);
  }

  protected write(path: string, text: string): Promise<string> {
    return this.cluster.inNode(`mkdir -p "$(dirname ${path})"; cat >${path}`, text, this.container);
  }

  /** Starts a program in it that goes on. */
  protected async begin(...command: readonly string[]): Promise<void> {
    await this.cluster.docker("exec", "--detach", this.container, ...command);
  }

  /** Removes it; nothing happens when it is not there. */
  async remove(): Promise<void> {
    await run("docker", ["rm", "--force", "--volumes", this.container], { env: this.cluster.env });
  }
}

/** The account of its administrator. */
export const ADMINISTRATOR = { username: "admin", password: "Adm1n' of it all" };
const PID = "/tmp/mysqld.pid";
const SLOW_LOG = "/tmp/slow.log";

/** A real mysqld as a provider runs it: TLS alone, and an administrator who is not root. */
export class OutsideMysql extends Outside {
  /** Makes it, and waits until the administrator gets in. */
  async start(image: string): Promise<void> {
    await this.make(image);
    const password = ADMINISTRATOR.password.replaceAll("'", "\\'");
    await this.write(
      "/etc/outside/init.sql",
      `CREATE USER IF NOT EXISTS 'admin'@'%' IDENTIFIED BY '${password}';\nGRANT ALL ON *.* TO 'admin'@'%' WITH GRANT OPTION;\n`,
    );
    await this.mysqld("--initialize-insecure");
    await this.run();
  }

  private mysqld(...flags: readonly string[]): Promise<string> {
    return this.cluster.docker("exec", this.container, "mysqld", "--no-defaults", "--user=root", "--datadir=/data", ...flags);
  }

  /** Starts the server, and waits until it answers. */
  async run(): Promise<void> {
    const tls = ["--ssl-ca", "--ssl-cert"].map((flag) => `${flag}=/etc/outside/tls.crt`);
    await this.begin(
      ...["mysqld", "--no-defaults", "--user=root", "--datadir=/data", "--socket=/tmp/mysqld.sock", `--pid-file=${PID}`, "--mysqlx=OFF"],
      ...[...tls, "--ssl-key=/etc/outside/tls.key", "--require-secure-transport=ON", "--init-file=/etc/outside/init.sql"],
      ...["--max-connections=100", "--innodb-buffer-pool-size=64M", "--performance-schema=OFF", "--secure-file-priv=NULL"],
      ...["--slow-query-log=ON", `--slow-query-log-file=${SLOW_LOG}`, "--long-query-time=0.1"],
    );
    await until("the MySQL server outside answers", 90, async () => (await this.ask("SELECT 1")) === "1" || undefined);
  }

  /** What a statement of the administrator's gives, over verified TLS. */
  async ask(sql: string): Promise<string> {
    const login = ["--no-defaults", `--host=${this.host}`, `--user=${ADMINISTRATOR.username}`, `--execute=${sql}`];
    const tls = ["--ssl-mode=VERIFY_IDENTITY", "--ssl-ca=/etc/outside/tls.crt"];
    const client = ["env", `MYSQL_PWD=${ADMINISTRATOR.password}`, "mysql", ...login, ...tls, "--skip-column-names", "--batch"];
    return (await this.cluster.docker("exec", this.container, ...client)).trim();
  }

  /** Does `work`, and adds to what it saw, or to why it failed, how long the server's own slowest statement took meanwhile, its commit included. */
  async withSlowest(work: () => Promise<string>): Promise<string> {
    await this.cluster.inNode(`: >${SLOW_LOG}`, "", this.container);
    const slowest = async () => {
      const log = await this.cluster.inNode(`cat ${SLOW_LOG}`, "", this.container);
      const times = [...log.matchAll(/^# Query_time: ([\d.]+)/gm)].map(([, time]) => Number(time));
      return times.length === 0
        ? "none of MySQL's statements took 0.1 s"
        : `MySQL's slowest statement took ${Math.max(...times).toFixed(1)} s`;
    };
    const saw = await work().catch(async (error: Error) => {
      throw new Error(`${error.message}; ${await slowest()}`);
    });
    return `${saw}; ${await slowest()}`;
  }

  /** Ends mysqld as a crash does, and starts it again. @param seconds in between */
  async fails(seconds: number): Promise<void> {
    await this.cluster.inNode(`kill -KILL "$(cat ${PID})"; rm -f ${PID}`, "", this.container);
    await sleep(seconds * 1000);
    await this.run();
  }
}

/** The login of those that write to the receiver. Its hash by bcrypt is what Prometheus asks for. */
export const WRITER = { username: "writer", password: "S3cret of the writer" };
const HASH = "$2b$08$abcdefghijklmnopqrstuubLfs968vyIlArL4JAekICc7ULEMS.T6";
const WEB = `tls_server_config: { cert_file: /etc/outside/tls.crt, key_file: /etc/outside/tls.key }\nbasic_auth_users: { ${WRITER.username}: "${HASH}" }\n`;
const CLIENT = `basic_auth: { username: ${WRITER.username}, password: ${WRITER.password} }\ntls_config: { ca_file: /etc/outside/tls.crt }\n`;
const PORT = 9090;

/** A real Prometheus that takes samples, over TLS and with a password. */
export class OutsidePrometheus extends Outside {
  async start(image: string): Promise<void> {
    await this.make(image);
    for (const [name, text] of Object.entries({ "web.yml": WEB, "client.yml": CLIENT, "prometheus.yml": "scrape_configs: []\n" }))
      await this.write(`/etc/outside/${name}`, text);
    const files = ["--config.file=/etc/outside/prometheus.yml", "--web.config.file=/etc/outside/web.yml", "--storage.tsdb.path=/data"];
    await this.begin("prometheus", ...files, `--web.listen-address=:${PORT}`, "--web.enable-remote-write-receiver");
    await until("the receiver answers", 60, async () => (await this.query("vector(1)")).length === 1 || undefined);
  }

  /** The result of a query. */
  async query(promql: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
    const how = ["query", "instant", "--http.config.file=/etc/outside/client.yml", "--format=json", `https://${this.host}:${PORT}`];
    return JSON.parse(await this.cluster.docker("exec", this.container, "promtool", ...how, promql));
  }
}
