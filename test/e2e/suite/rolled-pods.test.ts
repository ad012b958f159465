import { changes, type Pod, podOf } from "./rolled-pods.ts";

const pod = (uid: string, component: string, more: Partial<Pod> = {}): Pod => ({
  uid,
  name: `${component}-${uid}`,
  namespace: "cloudnova",
  component,
  restarts: 0,
  outOfMemory: [],
  ending: false,
  ready: true,
  ...more,
});

test("the same pods in another order are no change", () => {
  const [one, two] = [pod("1", "webapp"), pod("2", "mysql")];
  expect(changes([one, two], [two, one])).toEqual([]);
});

test("a roll, a new replica and a restart are told by component", () => {
  const before = [pod("1", "webapp"), pod("2", "mysql", { restarts: 1 }), pod("3", "grafana")];
  const after = [pod("4", "webapp"), pod("5", "webapp"), pod("2", "mysql", { restarts: 2 })];
  expect(changes(before, after)).toEqual(["grafana: 1 gone", "mysql: 1 restarted", "webapp: 2 new, 1 gone"]);
});

test("a container that was killed for its memory is seen, also after it was started again", () => {
  const killed = (state: object) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "mysql-0", uid: "1", labels: { "app.kubernetes.io/name": "mysql" } },
    status: { containerStatuses: [{ name: "mysql", restartCount: 1, ...state }] },
  });
  const terminated = { terminated: { reason: "OOMKilled" } };
  expect(podOf(killed({ state: terminated })).outOfMemory).toEqual(["mysql-0/mysql"]);
  expect(podOf(killed({ state: {}, lastState: terminated })).outOfMemory).toEqual(["mysql-0/mysql"]);
  expect(podOf(killed({ state: {}, lastState: { terminated: { reason: "Error" } } })).outOfMemory).toEqual([]);
});
