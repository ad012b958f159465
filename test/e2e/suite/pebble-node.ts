import { join } from "node:path";
import { ensure } from "../../../tools/toolchain/ensure.ts";
import { selfSigned } from "../../certificate.ts";
import { NAMES_ALONE, PEBBLE_VARIABLES, pebbleConfiguration } from "../../pebble-settings.ts";
import type { KindCluster } from "./suite-cluster.ts";
import { until } from "./wait.ts";

/** A public address that stands for Let's Encrypt's: one of the node's own, so that nothing leaves it. */
const ADDRESS = "198.51.100.7";
/** An address that cannot be reached: to the authority, a name that leads to it belongs to another machine. */
export const ELSEWHERE = "192.0.2.1";
/** Not in /run or /tmp, which are in memory: `docker cp` does not see them. */
const FOLDER = "/opt/cloudnova-acme";
const NAMES = { dns: "127.0.0.1:8053", management: "127.0.0.1:8055" };
const ROOTS = "127.0.0.1:15000";
const STARTED_S = 20;
const CLEAR = `ip address delete ${ADDRESS}/32 dev lo; ip route delete unreachable ${ELSEWHERE}/32; rm -rf ${FOLDER}`;
const DAY = 86_400;

/** Let's Encrypt's own test server for ACME beside the node's pods, with a DNS server that answers every name with one address. */
export class PebbleInNode {
  /** The address of its directory, as Let's Encrypt's. */
  readonly directory = `https://${ADDRESS}/dir`;

  private constructor(
    private readonly cluster: KindCluster,
    /** The certificate of its own HTTPS, PEM: what Traefik must trust. */
    readonly trusted: string,
    /** The node's address. */
    readonly node: string,
  ) {}

  /**
   * @param port the node's, at which it validates by http-01
   * @param days that its certificates are valid
   */
  static async start(cluster: KindCluster, port: number, days: number): Promise<PebbleInNode> {
    await cluster.inNode(`${CLEAR} 2>/dev/null; mkdir -p ${FOLDER}`);
    const programs = await ensure("pebble");
    for (const program of ["pebble", "pebble-challtestsrv"])
      await cluster.docker("cp", join(programs, program), `${cluster.node}:${FOLDER}/${program}`);
    const { key, cert } = selfSigned(`IP:${ADDRESS}`, 2, "pebble");
    const configuration = pebbleConfiguration({
      listen: `${ADDRESS}:443`,
      management: ROOTS,
      certificate: `${FOLDER}/cert.pem`,
      privateKey: `${FOLDER}/key.pem`,
      ports: { web: port, websecure: port },
      profiles: { default: days * DAY },
    });
    const files = { "key.pem": key, "cert.pem": cert, "config.json": configuration };
    for (const [name, text] of Object.entries(files)) await cluster.inNode(`cat > ${FOLDER}/${name}`, text);
    const address = await cluster.docker("inspect", "--format", "{{ .NetworkSettings.Networks.kind.IPAddress }}", cluster.node);
    const started = new PebbleInNode(cluster, cert, address.trim());
    await cluster.inNode(`set -e
      cd ${FOLDER}
      ip address add ${ADDRESS}/32 dev lo; ip route add unreachable ${ELSEWHERE}/32
      start() { setsid "$@" </dev/null >>"$(basename "$1").log" 2>&1 & echo $! >>pids; }
      start ./pebble-challtestsrv -dnsserver=${NAMES.dns} -management=${NAMES.management} ${NAMES_ALONE.join(" ")}
      export ${PEBBLE_VARIABLES.join(" ")}
      start ./pebble -strict -config config.json -dnsserver ${NAMES.dns}`);
    await until("pebble answers", STARTED_S, async () => (await started.root()).includes("BEGIN CERTIFICATE") || undefined);
    await started.lead(started.node);
    return started;
  }

  /** The certificate of its authority, PEM: what a browser would trust. */
  root(): Promise<string> {
    return this.cluster.inNode(`curl --silent --show-error --fail --insecure https://${ROOTS}/roots/0`);
  }

  /** What names resolve to for its validation from now on. */
  async lead(ip: string): Promise<void> {
    const body = JSON.stringify({ ip });
    await this.cluster.inNode(`curl --silent --show-error --fail --data '${body}' http://${NAMES.management}/set-default-ipv4`);
  }

  /** How many orders for certificates it got. */
  async orders(): Promise<number> {
    return Number(await this.cluster.inNode(`grep --count 'POST /order-plz' ${FOLDER}/pebble.log || true`));
  }

  /** The end of what it logged. */
  log(): Promise<string> {
    return this.cluster.inNode(`tail --lines=20 ${FOLDER}/pebble.log`);
  }

  async stop(): Promise<void> {
    await this.cluster.inNode(`xargs --no-run-if-empty kill <${FOLDER}/pids; ${CLEAR}`);
  }
}
