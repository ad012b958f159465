import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Daemon, startDaemon } from "../../tools/common/daemon.ts";
import { freePorts } from "../../tools/common/ports.ts";
import { ensure } from "../../tools/toolchain/ensure.ts";
import { selfSigned } from "../certificate.ts";
import { NAMES_ALONE, PEBBLE_VARIABLES, type PebbleSettings, pebbleConfiguration } from "../pebble-settings.ts";

/** A DNS server on the loopback address that answers every name with an address that the test sets. */
export interface Names {
  /** Its address, such as 127.0.0.1:8053. */
  readonly server: string;
  /** What names resolve to from now on. @param address an IPv4 address of this machine */
  lead(address: string): Promise<void>;
  stop(): Promise<void>;
}

/** Let's Encrypt's own test server for ACME. */
export interface Pebble {
  readonly directory: string;
  /** File with the certificate of its HTTPS: what Traefik must trust. */
  readonly trusted: string;
  /** How many orders for certificates it got. */
  orders(): number;
  log(): string;
  stop(): Promise<void>;
}

/** Repeats `work` until it succeeds. @throws Error the last one, after 20 s or when the program ends */
async function until<T>(daemon: Daemon, work: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 20_000; ; ) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > end) {
        await daemon.stop();
        throw error;
      }
      await Promise.race([sleep(100), daemon.died]);
    }
  }
}

/** Starts pebble-challtestsrv as a DNS server alone: the challenges are answered by Traefik. */
export async function startNames(): Promise<Names> {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-names-"));
  const [dns = 0, management = 0] = await freePorts(2);
  const server = `127.0.0.1:${dns}`;
  const program = join(await ensure("pebble"), "pebble-challtestsrv");
  const daemon = startDaemon(program, [`-dnsserver=${server}`, `-management=127.0.0.1:${management}`, ...NAMES_ALONE], join(folder, "log"));
  const lead = async (ip: string) => {
    const url = `http://127.0.0.1:${management}/set-default-ipv4`;
    const { status } = await fetch(url, { method: "POST", body: JSON.stringify({ ip }) });
    if (status !== 200) throw new Error(`set-default-ipv4 answers ${status}`);
  };
  await until(daemon, () => lead("127.0.0.1"));
  const stop = async () => {
    await daemon.stop();
    rmSync(folder, { recursive: true });
  };
  return { server, lead, stop };
}

/**
 * Starts pebble. It validates at once, asks for each challenge again, and refuses no nonce.
 *
 * @param names where it resolves names
 * @param ports where it validates: of Traefik's entry points
 * @param profiles seconds that certificates are valid, by profile; `default` is that of orders without one
 */
export async function startPebble(names: Names, ports: PebbleSettings["ports"], profiles: PebbleSettings["profiles"]): Promise<Pebble> {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-pebble-"));
  const [listen = 0] = await freePorts(1);
  const { key, cert } = selfSigned("IP:127.0.0.1", 2, "pebble");
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const trusted = file("cert.pem", cert);
  const privateKey = file("key.pem", key);
  const settings = { listen: `127.0.0.1:${listen}`, certificate: trusted, privateKey, ports, profiles };
  const config = file("config.json", pebbleConfiguration(settings));
  const log = join(folder, "log");
  const program = join(await ensure("pebble"), "pebble");
  const daemon = startDaemon("env", [...PEBBLE_VARIABLES, program, "-strict", "-config", config, "-dnsserver", names.server], log);
  // Without the name of a client it answers 400.
  const answers = (url: string) =>
    new Promise<void>((resolve, reject) => {
      request(url, { ca: cert, agent: false, headers: { "user-agent": "test" } }, (response) => {
        response.resume();
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${url}: ${response.statusCode}`));
      })
        .on("error", reject)
        .end();
    });
  const directory = `https://127.0.0.1:${listen}/dir`;
  await until(daemon, () => answers(directory));
  const stop = async () => {
    await daemon.stop();
    rmSync(folder, { recursive: true });
  };
  return {
    directory,
    trusted,
    orders: () => readFileSync(log, "utf8").split("POST /order-plz").length - 1,
    log: () => readFileSync(log, "utf8"),
    stop,
  };
}
