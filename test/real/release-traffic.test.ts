import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import {
  canaryDeployment,
  FILE_KEY,
  READ_HEADER,
  readHost,
  releasable,
  releaseIngress,
  servicesOf,
  trafficFile,
} from "../../src/release/objects.ts";
import { Program } from "../cli/bundled-program.ts";
import { find } from "../manifests.ts";
import { Cluster, NAMESPACE } from "./server-cluster.ts";
import { freeTraefikPorts, startTraefik, type Traefik, type TraefikPorts } from "./traefik.ts";

/**
 * A release's objects and its file by the real API server and the real Traefik. No pod answers behind them: every answer of the application is
 * a 503, and Traefik's access log tells by which router. How the weights divide is seen on the cluster (test/e2e/steps/release-step.ts).
 */
jest.setTimeout(15 * 60_000);

const ID = "0123abcd";
let cluster: Cluster;
let traefik: Traefik;
let ports: TraefikPorts;

function get(host: string, path = "/"): Promise<{ readonly status: number; readonly read: string | undefined }> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: ports.websecure, path, servername: host, headers: { host }, agent: false as const };
    const sent = request({ ...options, rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, read: response.headers[READ_HEADER] as string | undefined });
    });
    sent.on("error", reject).end();
  });
}

/** The router of each request for a path, in their order, by Traefik's access log. */
function routers(path: string): string[] {
  const lines = readFileSync(traefik.log, "utf8")
    .split("\n")
    .filter((line) => line.includes(`"RequestPath":"${path}"`));
  return lines.map((line) => JSON.parse(line).RouterName);
}
const [INGRESS, RELEASE] = ["cloudnova-webapp@kubernetes", "cloudnova-release-webapp@file"];

async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; !(await look().catch(() => false)); attempt++) {
    if (attempt > 100) throw new Error(`${what}: not within 20 s`);
    await sleep(200);
  }
}

const kubectl = (...args: readonly string[]) =>
  promisify(execFile)(join(cluster.server.bin, "kubectl"), ["--kubeconfig", cluster.server.kubeconfig, ...args]);
const released = () => releasable(cluster.manifests)[0] as ReturnType<typeof releasable>[number];
const write = () =>
  writeFileSync(join(traefik.dynamic, FILE_KEY), trafficFile(released(), cluster.manifests, { weight: 20, id: ID, sticky: false }));

beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.bootstrap();
  ports = await freeTraefikPorts();
  traefik = await startTraefik(cluster, ports, async () => (await get("localhost")).status === 503);
});
afterAll(async () => {
  await traefik?.stop();
  await cluster?.stop();
});

test("a file that is read before the Services are known changes no visitor's route", async () => {
  write();
  await sleep(4000);
  expect(await get(readHost(ID))).toEqual({ status: 503, read: undefined });
  expect((await get("localhost", "/early")).status).toBe(503);
  expect(routers("/early")).toEqual([INGRESS]);
  rmSync(join(traefik.dynamic, FILE_KEY));
});

test("the API server takes the objects, and Traefik leads the application's requests by the file, and no others", async () => {
  const objects = [
    ...servicesOf(released(), find(cluster.manifests, "Service", "webapp"), "h"),
    releaseIngress(released()),
    canaryDeployment(released()),
  ];
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  const file = join(traefik.dynamic, "..", "objects.json");
  writeFileSync(file, list);
  await kubectl("apply", "--server-side", "--validate=strict", "--field-manager=cloudnova-release", "-f", file);
  write();
  await until("Traefik reads the file", async () => (await get(readHost(ID))).read === ID);
  expect(await get("localhost", "/during")).toEqual({ status: 503, read: undefined });
  expect(routers("/during")).toEqual([RELEASE]);
});

test("without the file the application's own Ingress answers as before", async () => {
  rmSync(join(traefik.dynamic, FILE_KEY));
  await until("Traefik drops the file", async () => (await get(readHost(ID))).read === undefined);
  await get("localhost", "/after");
  expect(routers("/after")).toEqual([INGRESS]);
});

test("an apply keeps the file's key in the ConfigMap that it owns otherwise, and so does kubectl apply", async () => {
  const program = new Program();
  try {
    const { token } = JSON.parse(readFileSync(cluster.server.kubeconfig, "utf8")).users[0].user;
    const kubeconfig = program.kubeconfig(cluster.server.url, cluster.server.ca, token);
    program.synth("kind");
    const apply = () => program.run("apply", "kind", "--kubeconfig", kubeconfig, "--output", "json", "--full");
    expect((await apply()).code).toBe(0);
    const patch = JSON.stringify({ data: { [FILE_KEY]: "http: {}\n" } });
    await kubectl("patch", "configmap", "traefik", "-n", NAMESPACE, "--type=merge", "--field-manager=cloudnova-release", "-p", patch);
    const { code, stdout } = await apply();
    expect(code).toBe(0);
    expect(new Set(JSON.parse(stdout).objects.map(({ outcome }: { outcome: string }) => outcome))).toEqual(new Set(["unchanged"]));
    const key = async () => JSON.parse((await kubectl("get", "configmap", "traefik", "-n", NAMESPACE, "-o", "json")).stdout).data[FILE_KEY];
    expect(await key()).toBe("http: {}\n");
    await kubectl("apply", "-f", join(program.dist, "kind"));
    expect(await key()).toBe("http: {}\n");
  } finally {
    program.remove();
  }
});
