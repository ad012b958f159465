import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { loadEnvironment } from "../../../src/config/load.ts";
import { PORTS } from "../../../src/ports.ts";
import { kubeconfigOf } from "../../../tools/apiserver/settings.ts";
import { selfSigned } from "../../certificate.ts";
import { Kubelet } from "../../cluster/transport/stub-kubelet.ts";
import { boardsOf, runCommand } from "./command.ts";
import { PASSWORD, type StandIn, startStandIn } from "./stand-in.ts";

// What `up` remembers of this machine stays out of the tests: they begin like a fresh checkout.
const CLOUDNOVA_STATE = mkdtempSync(join(tmpdir(), "cloudnova-state-"));
afterAll(() => rmSync(CLOUDNOVA_STATE, { recursive: true }));

const BOARDS = boardsOf(loadEnvironment("environments/kind.yaml")).map(({ board }) => board);

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await runCommand(args, { stdin: new PassThrough(), stdout, stderr, env: { CLOUDNOVA_STATE, ...env } });
  const read = (stream: PassThrough) => String(stream.read() ?? "");
  return { code, stdout: read(stdout), stderr: read(stderr) };
}

describe("with a Grafana at a port of this machine", () => {
  let standIn: StandIn;
  beforeAll(async () => {
    standIn = await startStandIn(BOARDS);
  });
  afterAll(() => standIn.stop());
  const at = (...args: string[]) =>
    run(["kind", "--url", `http://127.0.0.1:${standIn.port}`, "--no-pictures", ...args], { GRAFANA_PASSWORD: PASSWORD });

  test("every dashboard of the environment is looked at, and the exit code is 0", async () => {
    const { code, stdout } = await at();
    expect(stdout).toMatch(new RegExp(`^${3 + 2 * BOARDS.length} checks: ${3 + 2 * BOARDS.length} ok$`, "m"));
    expect(code).toBe(0);
  });
  test("for programs, as JSON alone", async () => {
    const { code, stdout } = await at("--output", "json");
    const { environment, findings } = JSON.parse(stdout);
    expect([code, environment, findings.length]).toEqual([0, "kind", 3 + 2 * BOARDS.length]);
  });
  test("one difference is exit code 1", async () => {
    const { code, stdout } = await run(["kind", "--url", `http://127.0.0.1:${standIn.port}`, "--no-pictures", "--patience", "1"], {
      GRAFANA_PASSWORD: "guessed",
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✖ Grafana: Grafana does not know the user admin with this password$/m);
  });
});

describe("with a cluster", () => {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-grafana-"));
  const kubeconfig = join(folder, "kubeconfig");
  let standIn: StandIn;
  let kubelet: Kubelet;
  let api: Server;
  /** What the API server has, by path. */
  const there: Record<string, unknown> = {};
  const ready = { conditions: [{ type: "Ready", status: "True" }] };
  beforeAll(async () => {
    standIn = await startStandIn(BOARDS);
    kubelet = await Kubelet.start();
    const { cert, key } = selfSigned("IP:127.0.0.1");
    api = createServer({ cert, key }, ({ url = "" }, response) => {
      const found = there[url.split("?")[0] ?? ""];
      response.writeHead(found ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(found ?? { message: "not found" }));
    });
    api.on("upgrade", (request, socket) => {
      request.url = request.url?.replace(`ports=${PORTS.grafana}`, `ports=${standIn.port}`);
      kubelet.forward(request, socket as Socket);
    });
    await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
    const ca = join(folder, "ca.pem");
    writeFileSync(ca, cert);
    writeFileSync(kubeconfig, kubeconfigOf(`https://127.0.0.1:${(api.address() as AddressInfo).port}`, ca, "token"));
  });
  afterAll(async () => {
    await standIn.stop();
    kubelet.stop();
    api.closeAllConnections();
    api.close();
    rmSync(folder, { recursive: true });
  });
  const inCluster = () => run(["kind", "--kubeconfig", kubeconfig, "--no-pictures"]);

  test("no pod that is ready is told in words", async () => {
    there["/api/v1/namespaces/cloudnova/pods"] = { items: [] };
    expect(await inCluster()).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: no pod of grafana is ready\n {2}→ /) });
  });
  test("through a port to its pod, with the password of its Secret", async () => {
    const metadata = { name: "grafana-0", labels: { "app.kubernetes.io/name": "grafana" } };
    there["/api/v1/namespaces/cloudnova/pods"] = { items: [{ metadata, status: ready }] };
    there["/api/v1/namespaces/cloudnova/secrets/grafana"] = { data: { "admin-password": Buffer.from(PASSWORD).toString("base64") } };
    const { code, stdout, stderr } = await inCluster();
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`${3 + 2 * BOARDS.length} checks: ${3 + 2 * BOARDS.length} ok`);
  });
  test("a stand-in's image proves nothing, and is told so", async () => {
    cpSync("dist/kind", join(folder, "stand-ins"), { recursive: true });
    const { code, stderr } = await run(["environments/stand-ins.yaml", "--kubeconfig", kubeconfig, "--dist", folder]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^error: \S*ballast\S* stands in Grafana's place: nothing can be shown of it\n$/),
    ]);
  });
});

test.each([
  [
    ["kind", "--url", "http://grafana.example.com"],
    /^error: --url http:\/\/grafana\.example\.com: not http:\/\/127\.0\.0\.1:PORT\n {2}→ .*port-forward/,
  ],
  [["kind", "--url", "https://127.0.0.1:3000"], /^error: --url/],
  [["kind", "--url", "3000"], /^error: --url 3000: not/],
  [["--url", "http://127.0.0.1:3000"], /^error: no environment was given\n/],
  [["kind", "--url", "http://127.0.0.1:3000"], /^error: no password for admin\n {2}→ give it in \$GRAFANA_PASSWORD/],
  [["kind", "--url", "http://127.0.0.1:3", "--no-pictures", "--patience", "1"], /^error: nothing answers at http:\/\/127\.0\.0\.1:3 \(/],
  [["knid", "--url", "http://127.0.0.1:3000"], /^error: /],
  [["--patience", "soon"], /give a whole number, 1 or larger/],
  [["kind", "--kubeconfig", "no-such-file"], /^error: kubeconfig no-such-file: no such file/],
])("%j ends with 1 and says what to do", async (args, words) => {
  const PATH = "/no/programs"; // without Docker, so that no cluster of it stands for an environment
  const { code, stdout, stderr } = await run(args, words.source.includes("no password") ? { PATH } : { PATH, GRAFANA_PASSWORD: "x" });
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(words);
});
