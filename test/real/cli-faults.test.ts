import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, handshake } from "../../src/cluster/transport/ingress-client.ts";
import type { Fault } from "../cluster/transport/proxy.ts";
import { commandLine, outcomes } from "./command-line.ts";

// What harms a command on its way: faults of the connection, signals, a second command at once.
jest.setTimeout(180_000);
const { running, cloudnova, own, edit } = commandLine();

describe("faults on the way", () => {
  const faults: Record<string, (count: number) => Fault> = {
    "every third connection drops": (n) => (n % 3 === 0 ? "drop" : "pass"),
    "every third answer is lost after the server has acted": (n) => (n % 3 === 0 ? "lose the answer" : "pass"),
    "every third answer breaks off": (n) => (n % 3 === 0 ? "cut the answer" : "pass"),
    "429 with Retry-After": (n) => (n % 4 === 0 ? { status: 429, retryAfter: 0 } : "pass"),
    "500, 502, 503 and 504": (n) => (n % 3 === 0 ? { status: [500, 502, 503, 504][n % 4] as number } : "pass"),
    // It cannot refuse anybody before the broken connections are seen: a start takes longer.
    "a server that starts anew refuses everybody for a moment": (n) =>
      n % 20 === 10 ? "drop" : [11, 12].includes(n % 20) ? { status: 403, delayMs: 100 } : "pass",
    delays: (n) => ({ delayMs: (n * 37) % 90 }),
  };
  test.each(Object.entries(faults))("%s: apply, change and prune still come to the same", async (_, fault) => {
    running().proxy.fault = (_seen, n) => fault(n);
    const first = await cloudnova("apply");
    expect(first).toMatchObject({ code: 0 });
    edit("30-webapp.k8s.yaml", "replicas: 2", "replicas: 3");
    rmSync(join(running().program.dist, "kind", "70-grafana.k8s.yaml"));
    expect((await cloudnova("apply")).code).toBe(0);
    running().proxy.fault = () => "pass";
    expect((await cloudnova("diff", "--full")).stdout).toMatch(/no difference/);
    expect(await own("get", "statefulset", "-o", "name")).not.toContain("grafana");
    expect(await own("get", "lease", "-o", "name")).toBe("");
  });

  test("a server that stays broken is given up in bounded time, in words, and the next run finishes", async () => {
    running().proxy.fault = ({ method }, n) => (method === "PATCH" && n > 25 ? { status: 503 } : "pass");
    const start = Date.now();
    const { code, stdout, stderr } = await cloudnova("apply");
    expect(code).toBe(1);
    expect(stdout + stderr).toContain("made up: 503");
    expect(stderr).toContain("next attempt in");
    expect(`${stdout}${stderr}`).not.toMatch(/^\s+at /m);
    expect(Date.now() - start).toBeLessThan(120_000);
    running().proxy.reset();
    expect((await cloudnova("apply")).code).toBe(0);
    expect((await cloudnova("diff", "--full")).code).toBe(0);
  });

  test("Ctrl-C ends with 130, leaves no lease behind, and the next run goes on", async () => {
    running().proxy.fault = () => ({ delayMs: 150 });
    const { child, ended } = running().program.start(["apply", "kind", "--kubeconfig", running().kubeconfig]);
    while (running().proxy.writes.length < 20) await sleep(20);
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain("run the same command again");
    expect(await own("get", "lease", "-o", "name")).toBe("");
    running().proxy.reset();
    const status = await cloudnova("status");
    expect(status.stdout).toContain("an apply or a down was interrupted");
    expect(outcomes(await cloudnova("apply", "--output", "json")).created).toBeGreaterThan(0);
    expect((await cloudnova("diff", "--full")).code).toBe(0);
  });

  test("killed in the middle, its lease runs out, and what it applied can still be pruned", async () => {
    running().proxy.fault = () => ({ delayMs: 100 });
    const { child, ended } = running().program.start(["apply", "kind", "--kubeconfig", running().kubeconfig]);
    while (!running().proxy.writes.some(({ path }) => path.includes("/statefulsets/"))) await sleep(10);
    child.kill("SIGKILL");
    await ended;
    running().proxy.reset();
    rmSync(join(running().program.dist, "kind", "70-grafana.k8s.yaml"));
    const next = await cloudnova("apply");
    expect(next.stderr).toContain("is changing this environment");
    expect(next.code).toBe(0);
    expect(await own("get", "configmap", "-o", "name")).not.toContain("grafana");
  });
});

test("two applies at once: one waits for the other, and both succeed", async () => {
  running().proxy.fault = () => ({ delayMs: 30 });
  const [one, other] = await Promise.all([cloudnova("apply"), cloudnova("apply")]);
  expect([one.code, other.code]).toEqual([0, 0]);
  expect(one.stderr + other.stderr).toContain("is changing this environment");
  expect((await cloudnova("diff", "--full")).code).toBe(0);
});

test("a server that refuses TLS 1.1 is distinguished from one that does not answer", async () => {
  const { hostname, port } = new URL(running().api.url);
  const ingress = { address: hostname, host: "localhost", httpPort: 1, httpsPort: Number(port) };
  expect(await handshake(ingress, "TLSv1.1")).toEqual({ refused: expect.stringMatching(/ALERT/) });
  expect(await handshake(ingress, "TLSv1.3")).toMatchObject({ names: expect.arrayContaining(["127.0.0.1"]) });
  expect(await handshake({ ...ingress, httpsPort: 1 }, "TLSv1.3")).toEqual({ refused: "ECONNREFUSED" });
  expect((await ask(ingress, "/version")).status).toBe(200); // the one thing that anybody may ask
});
