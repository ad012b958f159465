import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import { staleSince, waitUntilFresh } from "../../../src/cluster/observe/freshness.ts";
import { pullsOf } from "../../../src/cluster/observe/pulls.ts";
import { type Standing, startSeconds, waitFor } from "../../../src/cluster/observe/watch.ts";
import { FakeApi } from "../transport/api.ts";

/** An event of a pod, at a second of one minute. */
const event = (second: number, reason: string, message: string, uid = "pod-1") =>
  ({
    involvedObject: { uid },
    reason,
    message,
    lastTimestamp: `2026-11-26T10:00:${String(second).padStart(2, "0")}Z`,
    metadata: { name: `${second}` },
  }) as unknown as KubeObject;
const pulling = (second: number) => event(second, "Pulling", 'Pulling image "mysql:9.7.4"');
const pulled = (second: number) =>
  event(second, "Pulled", 'Successfully pulled image "mysql:9.7.4" in 71.2s (71.2s including waiting). Image size: 201234567 bytes.');
const pod = (status: object = {}) =>
  ({ kind: "Pod", metadata: { name: "web-1", uid: "pod-1", labels: { app: "web" } }, status }) as unknown as KubeObject;

describe("images that are pulled", () => {
  const table: Record<string, [KubeObject[], ReturnType<typeof pullsOf>]> = {
    "a pull that began": [[pulling(1)], { now: ["mysql:9.7.4"], done: 0 }],
    "one that ended": [[pulling(1), pulled(2)], { now: [], done: 1 }],
    "one that failed": [[pulling(1), event(2, "Failed", 'Failed to pull image "mysql:9.7.4": no such host')], { now: [], done: 0 }],
    "one that is tried again": [[event(2, "BackOff", "Back-off pulling image"), pulling(3), pulling(1)], { now: ["mysql:9.7.4"], done: 0 }],
    "an image that was there": [[event(1, "Pulled", 'Container image "mysql:9.7.4" already present on machine')], { now: [], done: 0 }],
    "another pod's": [[{ ...pulling(1), involvedObject: { uid: "pod-2" } }], { now: [], done: 0 }],
  };
  test.each(Object.entries(table))("%s", (_, [events, pulls]) => expect(pullsOf([pod()], events)).toEqual(pulls));
});

describe("waiting", () => {
  let api: FakeApi;
  /** What lists hold, by the last part of their path. */
  let held: Record<string, KubeObject[]>;
  beforeEach(async () => {
    held = {};
    api = await FakeApi.start();
    api.intercept = (request, response) => {
      const [path = ""] = (request.url ?? "").split("?");
      const text = JSON.stringify(path.endsWith("/log") ? "" : { items: held[path.split("/").at(-1) ?? ""] ?? [] });
      response.writeHead(200, { "content-type": "application/json" }).end(text);
      return true;
    };
  });
  afterEach(() => api.stop());

  const deployment = (available: number): KubeObject =>
    ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "shop", generation: 1 },
      spec: { replicas: 3, selector: { matchLabels: { app: "web" } } },
      status: { observedGeneration: 1, replicas: 3, updatedReplicas: 3, availableReplicas: available },
    }) as unknown as KubeObject;
  /** Waits so long without progress; `step` changes what is held at each look. Returns the looks. */
  async function looks(timeoutMs: number, step: (look: number) => void): Promise<[number, Standing[]]> {
    let count = 0;
    const last = await waitFor(api.client(), [deployment(0)], timeoutMs, () => step(++count));
    return [count, last];
  }

  test("ends when nothing comes further for the whole time", async () => {
    held.deployments = [deployment(0)];
    const [count, [standing]] = await looks(1500, () => undefined);
    expect(count).toBeLessThanOrEqual(4);
    expect(standing?.state).toBe("waiting");
  });

  test("counts from the last pod that became ready, not from the start", async () => {
    held.deployments = [deployment(0)];
    const [count, [standing]] = await looks(1500, (look) => {
      if (look % 2 === 0) held.deployments = [deployment(look / 2)];
    });
    expect(count).toBe(7); // longer than the time without progress
    expect(standing?.state).toBe("ready");
  });

  test("an image that is being pulled comes further, and is told", async () => {
    Object.assign(held, { deployments: [deployment(0)], pods: [pod()], events: [pulling(1)] });
    const told: unknown[] = [];
    const standings = await waitFor(api.client(), [deployment(0)], 1500, ([one]) => {
      told.push(one?.pulls?.now);
      if (told.length === 5)
        Object.assign(held, { deployments: [deployment(3)], pods: [pod({ conditions: [{ type: "Ready", status: "True" }] })] });
    });
    expect(told.slice(0, 5)).toEqual(Array(5).fill(["mysql:9.7.4"]));
    expect(standings[0]?.state).toBe("ready");
  });

  test("a container that crashes again and again does not", async () => {
    const crashed = {
      containerStatuses: [{ name: "web", image: "web:1", ready: false, restartCount: 1, lastState: { terminated: { exitCode: 1 } } }],
    };
    Object.assign(held, { deployments: [deployment(0)], pods: [pod(crashed)] });
    const [count] = await looks(1500, (look) => {
      held.events = [
        event(look, "Pulled", 'Container image "web:1" already present on machine'),
        event(look, "Started", "Started container web"),
      ];
    });
    expect(count).toBeLessThanOrEqual(4);
  });

  test("what a running container has written is read once its probe fails: a server writes there where it listens", async () => {
    const labels = { app: "web", "app.kubernetes.io/name": "shop", "app.kubernetes.io/component": "application" };
    const shop = pod({ containerStatuses: [{ name: "shop", image: "shop:1", ready: false, restartCount: 0, state: { running: {} } }] });
    const refused = event(1, "Unhealthy", "Startup probe failed: dial tcp 10.244.0.7:5000: connect: connection refused");
    const metadata = { ...shop.metadata, namespace: "cloudnova-shop", labels };
    Object.assign(held, { deployments: [deployment(0)], pods: [{ ...shop, metadata }], events: [refused] });
    const { intercept } = api;
    const asked: string[] = [];
    api.intercept = (request, response) => {
      if (!request.url?.includes("/log?")) return intercept?.(request, response) ?? false;
      asked.push(request.url);
      response.writeHead(200, { "content-type": "text/plain" }).end("[1] [INFO] Listening at: http://0.0.0.0:8000 (1)\n");
      return true;
    };
    const [, [standing]] = await looks(0, () => undefined);
    expect(asked[0]).toBe("/api/v1/namespaces/cloudnova-shop/pods/web-1/log?container=shop&tailLines=30&previous=false");
    expect(standing?.troubles).toEqual([
      {
        what: "shop listens on port 8000, but its entry says port 5000, where nothing listens",
        advice: "write applications.shop.port: 8000",
      },
    ]);
  });

  test("an application that needs minutes to start is waited for as long as its entry says, and nothing else is", () => {
    const labels = { "app.kubernetes.io/name": "shop", "app.kubernetes.io/component": "application" };
    const of = (namespace: string, startupProbe?: object) =>
      ({
        ...deployment(0),
        metadata: { name: "shop", namespace, labels },
        spec: { template: { spec: { containers: [{ name: "shop", startupProbe }] } } },
      }) as unknown as KubeObject;
    expect(startSeconds(of("cloudnova-shop", { periodSeconds: 1, failureThreshold: 900 }))).toBe(900);
    expect(startSeconds(of("cloudnova-shop"))).toBe(0);
    expect(startSeconds(of("cloudnova", { periodSeconds: 1, failureThreshold: 900 }))).toBe(0);
  });

  test("pods that are not ready count more than a controller that has not looked since a restart", async () => {
    const is = (status: string) => pod({ conditions: [{ type: "Ready", status }] });
    held.deployments = [deployment(3)];
    held.pods = [is("True"), is("False"), is("True")];
    const [count, [standing]] = await looks(1500, () => undefined);
    expect(count).toBeGreaterThan(1);
    expect(standing).toMatchObject({ state: "waiting", ready: 2, wanted: 3, words: "2 of 3 pods are available" });
    held.pods = [is("True"), is("True"), is("True"), is("False")]; // one of a roll-out on top
    expect((await looks(1500, () => undefined))[1][0]?.state).toBe("ready");
  });

  test("a Job that is complete is ready, although its pods, one of them a failed try, will never be Ready", async () => {
    const job = {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "once", namespace: "shop" },
      spec: { completions: 1, selector: { matchLabels: { app: "web" } } },
      status: { succeeded: 1, conditions: [{ type: "Complete", status: "True" }] },
    } as unknown as KubeObject;
    held.jobs = [job];
    held.pods = ["Failed", "Succeeded"].map((phase) => pod({ phase, conditions: [{ type: "Ready", status: "False" }] }));
    const [standing] = await waitFor(api.client(), [job], 1500, () => undefined);
    expect(standing).toMatchObject({ state: "ready" });
  });

  test("after a start it is waited for what is of now, and said what is not", async () => {
    const since = Date.parse("2026-11-26T10:00:30.400Z");
    Object.assign(held, { nodes: [node("09:59:00")], leases: [lease("09:59:00")], pods: [pod(running("09:50:00"))] });
    const told: string[] = [];
    await waitUntilFresh(api.client(), since, ["shop"], (words) => {
      told.push(words);
      if (told.length === 1)
        Object.assign(held, { nodes: [node("10:00:31", "False", "PLEG is not healthy")], leases: [lease("10:00:30")] });
      if (told.length === 2) held.nodes = [node("10:00:32")];
      if (told.length === 3) held.pods = [pod(running("10:00:40"))];
    });
    expect(told).toEqual([
      "the kubelet of node n has not reported since its start",
      "node n is not Ready: PLEG is not healthy",
      "pod web-1 has not started again",
    ]);
  });
});

const at = (time: string) => `2026-11-26T${time}Z`;
const node = (heartbeat: string, status = "True", message = "") =>
  ({
    metadata: { name: "n" },
    status: { conditions: [{ type: "Ready", status, message, lastHeartbeatTime: at(heartbeat) }] },
  }) as unknown as KubeObject;
const lease = (renewed: string) =>
  ({ metadata: { name: "n" }, spec: { renewTime: `2026-11-26T${renewed}.000000Z` } }) as unknown as KubeObject;
const running = (started: string) => ({ containerStatuses: [{ state: { running: { startedAt: at(started) } } }] });

describe("what the API server holds from before a start", () => {
  const since = Date.parse(at("10:00:30"));
  const fresh = { nodes: [node("10:00:31")], leases: [lease("10:00:31")], pods: [pod(running("10:00:40"))] };
  test("nothing", () => expect(staleSince(fresh, since)).toBeUndefined());
  test("nothing, of a cluster that runs for long: the kubelet reports every five minutes, and renews its Lease", () =>
    expect(staleSince({ ...fresh, nodes: [node("10:01:00")] }, Date.parse(at("08:00:00")))).toBeUndefined());
  test.each([
    ["no node yet", { ...fresh, nodes: [] }, /has not reported/],
    ["a Lease from before", { ...fresh, leases: [lease("10:00:29")] }, /kubelet of node n has not reported/],
    ["no Lease", { ...fresh, leases: [] }, /kubelet of node n has not reported/],
    ["a heartbeat from before", { ...fresh, nodes: [node("10:00:29")] }, /kubelet of node n has not reported/],
    ["a node that is not Ready", { ...fresh, nodes: [node("10:00:31", "Unknown")] }, /node n is not Ready: no reason given/],
    ["a pod that ran before", { ...fresh, pods: [pod(running("10:00:29"))] }, /pod web-1 has not started again/],
  ])("%s", (_, held, words) => expect(staleSince(held, since)).toMatch(words));
  test("a pod that does not run is not of before, and pods of other nodes may be older", () => {
    expect(
      staleSince(
        { ...fresh, pods: [pod({ containerStatuses: [{ state: { terminated: { reason: "ContainerStatusUnknown" } } }] })] },
        since,
      ),
    ).toBeUndefined();
    const other = { ...node("09:00:00"), metadata: { name: "m" } } as KubeObject;
    const leases = [lease("10:00:31"), { ...lease("10:00:31"), metadata: { name: "m" } } as KubeObject];
    expect(staleSince({ nodes: [...fresh.nodes, other], leases, pods: [pod(running("09:00:00"))] }, since)).toBeUndefined();
  });
});
