import { X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { parse, stringify } from "yaml";
import { ACME_FOLDER, RESOLVER } from "../../src/acme.ts";
import { DYNAMIC_FOLDER, MIDDLEWARES } from "../../src/traefik.ts";
import { type Daemon, startDaemon } from "../../tools/common/daemon.ts";
import { chartArguments } from "../../tools/k3s-chart/rely.ts";
import { ensure } from "../../tools/toolchain/ensure.ts";
import { find, manifestsOf, synthesiseText } from "../manifests.ts";
import { type Names, type Pebble, startNames, startPebble } from "./pebble.ts";
import { freeTraefikPorts, type TraefikPorts } from "./traefik.ts";

/**
 * Certificates by ACME: the real Traefik with the arguments and the file that the charts give it, against pebble, Let's Encrypt's own test
 * server. What is replaced: addresses, paths, the authority, and the wait for a pod. Of the Ingresses only the redirect is needed, as a router of a file.
 */
jest.setTimeout(6 * 60_000);

const DAY = 86_400;
const HOST = "shop.cloudnova.dev";
/** Longer than anything takes on a machine that does other things too: an order took up to 30 s there. */
const WAIT_MS = 90_000;

let names: Names;
const running: { stop(): Promise<void> }[] = [];
const folders: string[] = [];

beforeAll(async () => {
  names = await startNames();
});
afterAll(async () => {
  await Promise.all(running.map((one) => one.stop()));
  await names?.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Configured {
  readonly args: readonly string[];
  readonly dynamic: string;
}

/** What the charts write for Traefik. @param ingress keys of the environment's `ingress` */
function configured(cluster: "kind" | "k3s", ingress: string): Configured {
  const all = manifestsOf(synthesiseText(`cluster: ${cluster}\nmachine: { memory: 4Gi, cpu: "2" }\ningress: ${ingress}\n`));
  if (cluster === "kind")
    return {
      args: find(all, "Deployment", "traefik").spec.template.spec.containers[0].args,
      dynamic: find(all, "ConfigMap", "traefik").data["cloudnova.yaml"],
    };
  const values = parse(find(all, "HelmChartConfig", "traefik").spec.valuesContent);
  return {
    args: [...chartArguments(values), ...values.additionalArguments],
    dynamic: find(all, "ConfigMap", "cloudnova-traefik").data["cloudnova.yaml"],
  };
}

/** What a client is shown. */
interface Shown {
  readonly certificate: X509Certificate;
  readonly serial: string;
}

/** A machine with Traefik on it: its ports and files stay when Traefik is restarted. */
class Machine {
  private readonly folder = mkdtempSync(join(tmpdir(), "cloudnova-acme-"));
  private daemon: Daemon | undefined;

  private constructor(
    readonly ports: TraefikPorts,
    readonly pebble: Pebble,
  ) {
    folders.push(this.folder);
    for (const name of ["dynamic", "data"]) mkdirSync(join(this.folder, name));
    const middlewares = [MIDDLEWARES.redirect];
    const redirect = { rule: "PathPrefix(`/`)", entryPoints: ["web"], middlewares, service: "noop@internal" };
    writeFileSync(join(this.folder, "dynamic", "redirect.yaml"), stringify({ http: { routers: { redirect } } }));
  }

  static async withAuthority(profiles: Readonly<Record<string, number>>): Promise<Machine> {
    const ports = await freeTraefikPorts();
    const pebble = await startPebble(names, ports, profiles);
    const machine = new Machine(ports, pebble);
    running.push(machine, pebble);
    return machine;
  }

  /** Writes the dynamic file in one step, as the kubelet does. */
  configure(dynamic: string): void {
    writeFileSync(join(this.folder, "new"), dynamic);
    renameSync(join(this.folder, "new"), join(this.folder, "dynamic", "cloudnova.yaml"));
  }

  async start({ args, dynamic }: Configured): Promise<void> {
    this.configure(dynamic);
    const here = args
      .filter((arg) => !/\.address=|^--providers\.kubernetes|^--ping/.test(arg))
      .map((arg) => arg.replace(/(caServer)=.*/, `$1=${this.pebble.directory}`))
      .map((arg) => arg.replace(/(Challenge\.delay)=.*/, "$1=0s"))
      .map((arg) => arg.replace(`=${DYNAMIC_FOLDER}`, `=${join(this.folder, "dynamic")}`))
      .map((arg) => arg.replace(`=${ACME_FOLDER}/`, `=${join(this.folder, "data")}/`));
    const addresses = Object.entries(this.ports).map(([name, port]) => `--entryPoints.${name}.address=127.0.0.1:${port}`);
    const program = join(await ensure("traefik"), "traefik");
    const trust = `LEGO_CA_CERTIFICATES=${this.pebble.trusted}`;
    this.daemon = startDaemon("env", [trust, program, ...here, ...addresses, "--log.level=INFO"], this.logFile);
    for (const end = Date.now() + WAIT_MS; (await this.redirected().catch(() => 0)) !== 301; ) {
      if (Date.now() > end) throw new Error(`Traefik does not redirect in time:\n${this.log().slice(-3000)}`);
      await Promise.race([sleep(50), this.daemon.died]);
    }
  }

  async restart(configuration: Configured): Promise<void> {
    await this.stop();
    await this.start(configuration);
  }

  async stop(): Promise<void> {
    await this.daemon?.stop();
  }

  private get logFile(): string {
    return join(this.folder, "log");
  }

  log(): string {
    return readFileSync(this.logFile, "utf8");
  }

  /** The file of certificates, with its permissions as Traefik demands them. */
  stored(): { Certificates: readonly { domain: { main: string } }[] } {
    return JSON.parse(readFileSync(join(this.folder, "data", "letsencrypt-staging.json"), "utf8"))[RESOLVER];
  }

  /** The status of a plain HTTP request. */
  private redirected(): Promise<number> {
    return new Promise((resolve, reject) => {
      request({ host: "127.0.0.1", port: this.ports.web, path: "/usuarios", headers: { host: HOST }, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .on("error", reject)
        .end();
    });
  }

  /** The certificate for a server name; without one, as a client that connects by address. */
  shown(servername?: string): Promise<Shown> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port: this.ports.websecure, servername, rejectUnauthorized: false }, () => {
        const certificate = new X509Certificate(socket.getPeerCertificate().raw);
        socket.destroy();
        resolve({ certificate, serial: certificate.serialNumber });
      });
      socket.on("error", reject);
    });
  }

  /** The certificate for a server name, once it is another than `old` and of pebble. */
  async issued(servername: string | undefined, old?: string): Promise<Shown> {
    for (const end = Date.now() + WAIT_MS; ; await sleep(100)) {
      const shown = await this.shown(servername).catch(() => undefined);
      if (shown?.certificate.issuer.includes("Pebble") && shown.serial !== old) return shown;
      if (Date.now() > end) throw new Error(`no certificate in time:\n${this.log().slice(-3000)}\n${this.pebble.log().slice(-3000)}`);
    }
  }

  /** Waits for a line of Traefik's log. */
  async logs(pattern: RegExp): Promise<void> {
    for (const end = Date.now() + WAIT_MS; !pattern.test(this.log()); await sleep(100))
      if (Date.now() > end) throw new Error(`no ${pattern} in time:\n${this.log().slice(-3000)}`);
  }
}

const days = ({ certificate }: Shown) => (Date.parse(certificate.validTo) - Date.now()) / 1000 / DAY;

describe.each([
  ["kind", "http-01"],
  ["k3s", "tls-alpn-01"],
] as const)("Traefik of %s, by %s", (cluster, challenge) => {
  const settings = (host: string) => configured(cluster, `{ host: ${host}, tls: { letsEncrypt: { challenge: ${challenge} } } }`);
  let machine: Machine;

  beforeAll(async () => {
    machine = await Machine.withAuthority({ default: 90 * DAY });
  });
  afterAll(() => machine?.stop());

  test("the first certificate is issued while port 80 redirects, and shown for the name, for others and without one", async () => {
    await machine.start(settings(HOST));
    const first = await machine.issued(HOST);
    expect(first.certificate.subjectAltName).toBe(`DNS:${HOST}`);
    expect(first.certificate.publicKey.asymmetricKeyType).toBe("ec");
    const others = await Promise.all([undefined, "other.example.org"].map((name) => machine.shown(name)));
    expect(others.map(({ serial }) => serial)).toEqual([first.serial, first.serial]);
    expect(machine.pebble.orders()).toBe(1);
  });

  test("a restart keeps it and orders no other", async () => {
    const before = await machine.shown(HOST);
    await machine.restart(settings(HOST));
    expect((await machine.issued(HOST)).serial).toBe(before.serial);
    expect((await machine.shown()).serial).toBe(before.serial);
    expect(machine.pebble.orders()).toBe(1);
  });

  test("another host gets a certificate without a restart, and the old one is shown for its own name", async () => {
    const before = await machine.shown(HOST);
    machine.configure(settings("new.cloudnova.dev").dynamic);
    const next = await machine.issued("new.cloudnova.dev", before.serial);
    expect(next.certificate.subjectAltName).toBe("DNS:new.cloudnova.dev");
    expect((await machine.shown()).serial).toBe(next.serial);
    expect((await machine.shown(HOST)).serial).toBe(before.serial);
    expect(machine.stored().Certificates.map(({ domain }) => domain.main)).toEqual([HOST, "new.cloudnova.dev"]);
  });
});

describe("renewal", () => {
  // Traefik renews what has less than 30 days left, at its start and then once a day.
  const settings = configured("kind", `{ host: ${HOST}, tls: { letsEncrypt: {} } }`);
  let machine: Machine;
  let current: Shown;

  beforeAll(async () => {
    machine = await Machine.withAuthority({ default: 20 * DAY });
    await machine.start(settings);
    current = await machine.issued(HOST);
  });
  afterAll(async () => {
    await names.lead("127.0.0.1");
    await machine?.stop();
  });

  test("replaces the certificate", async () => {
    await machine.restart(settings);
    const renewed = await machine.issued(HOST, current.serial);
    expect(days(renewed)).toBeCloseTo(20, 1);
    expect(machine.stored().Certificates).toHaveLength(1);
    current = renewed;
  });

  test("that fails, because the name leads to another machine, keeps the old certificate", async () => {
    await names.lead("127.0.0.2");
    await machine.restart(settings);
    await machine.logs(/Error renewing ACME certificate/);
    expect((await machine.shown(HOST)).serial).toBe(current.serial);
    expect((await machine.shown()).serial).toBe(current.serial);
  });

  test("succeeds at the next start, once the name leads here again", async () => {
    await names.lead("127.0.0.1");
    await machine.restart(settings);
    expect((await machine.issued(HOST, current.serial)).certificate.subjectAltName).toBe(`DNS:${HOST}`);
  });
});

test.each(["http-01", "tls-alpn-01"])(
  "a first order by %s that fails leaves Traefik's own certificate, names the reason, and by http-01 is not repeated; the next start orders again",
  async (challenge) => {
    const settings = configured("kind", `{ host: ${HOST}, tls: { letsEncrypt: { challenge: ${challenge} } } }`);
    const machine = await Machine.withAuthority({ default: 90 * DAY });
    await names.lead("127.0.0.2");
    await machine.start(settings);
    await machine.logs(/unable to generate a certificate.*127\.0\.0\.2/);
    expect((await machine.shown(HOST)).certificate.subject).toContain("TRAEFIK DEFAULT CERT");
    await sleep(5000);
    // The certificate of tls-alpn-01 is a change of Traefik's configuration itself, after which it orders again: 11 times in 7 s.
    if (challenge === "http-01") expect(machine.pebble.orders()).toBe(1);
    await names.lead("127.0.0.1");
    await machine.restart(settings);
    await machine.issued(HOST);
    await machine.stop();
  },
);

test("an address gets a short-lived certificate", async () => {
  const challenge = "http-01";
  const machine = await Machine.withAuthority({ default: 90 * DAY, shortlived: (160 / 24) * DAY });
  // Pebble validates at the address itself, so this machine's own stands for the public one.
  const { args, dynamic } = configured("kind", `{ host: 198.51.100.7, tls: { letsEncrypt: { challenge: ${challenge} } } }`);
  const settings = { args, dynamic: dynamic.replace("198.51.100.7", "127.0.0.1") };
  await machine.start(settings);
  const first = await machine.issued(undefined);
  expect(first.certificate.subjectAltName).toBe("IP Address:127.0.0.1");
  expect(days(first)).toBeCloseTo(160 / 24, 1);
  await machine.restart(settings);
  expect((await machine.issued(undefined)).serial).toBe(first.serial);
  await machine.stop();
});
