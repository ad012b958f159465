import { createServer, type Server } from "node:net";
import { inspectMachine, localPorts } from "../../../src/cluster/doctor/local-check.ts";
import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import { parseEnvironment } from "../../../src/config/load.ts";
import { manifestsOf, synthesiseText } from "../../manifests.ts";

let server: Server;
let port: number;
beforeAll(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as { port: number }).port;
});
afterAll(() => server.close());

test("a port that is in use is told with its program; one that our own running cluster has is well", async () => {
  const taken = await localPorts([{ port, what: "'open' grafana" }], false);
  const whom = process.platform === "linux" ? `\\(pid ${process.pid}\\)` : "another program";
  expect(taken).toMatchObject({ state: "warning", saw: expect.stringMatching(`^port ${port} for 'open' grafana is in use by .*${whom}`) });
  expect(await localPorts([{ port, what: "ingress", cluster: true }], false)).toMatchObject({ state: "warning" });
  expect(await localPorts([{ port, what: "ingress", cluster: true }], true)).toMatchObject({ state: "ok" });
  expect(await localPorts([], false)).toMatchObject({ state: "ok" });
});

test("what an environment will take is held against its machine without any cluster", async () => {
  const budgetOf = async (memory: string) => {
    const text = `cluster: kind\nmachine: { memory: ${memory}, cpu: '2' }\n`;
    const manifests = manifestsOf(synthesiseText(text, "trial")) as unknown as KubeObject[];
    const [budget] = await inspectMachine(parseEnvironment(text, "trial.yaml").config, manifests, [], false);
    return budget;
  };
  expect(await budgetOf("4Gi")).toMatchObject({ check: "budget", state: "ok", saw: expect.stringMatching(/MiB and \d+ m requested/) });
  expect(await budgetOf("1Gi")).toMatchObject({ state: "problem", saw: expect.stringMatching(/MiB more than the \d+ MiB available/) });
});
