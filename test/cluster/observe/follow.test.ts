import type { ServerResponse } from "node:http";
import timers from "node:timers/promises";
import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import { followLogs } from "../../../src/cluster/observe/follow.ts";
import { logSources, readLogs } from "../../../src/cluster/observe/logs.ts";
import { FakeApi } from "../transport/api.ts";

const PODS = "/api/v1/namespaces/shop/pods";
const wait = timers.setTimeout;
let api: FakeApi;
let end: AbortController;
/** Outputs that are being followed, by pod, and what was asked for each time. */
let open: Map<string, ServerResponse>;
let asked: string[];
let heard: string[];
let notes: string[];

beforeEach(async () => {
  [open, asked, heard, notes, end] = [new Map(), [], [], [], new AbortController()];
  api = await FakeApi.start();
  api.intercept = ({ url = "" }, response) => {
    const { pathname, searchParams } = new URL(url, "https://api");
    const [, pod = ""] = /\/pods\/([^/]+)\/log$/.exec(pathname) ?? [];
    if (!pod) return false;
    searchParams.delete("container");
    asked.push(`${pod}?${searchParams}`);
    if (searchParams.has("follow")) response.writeHead(200).flushHeaders();
    else response.writeHead(200).end(`${pod} before\r\n${pod} now`);
    open.set(pod, response);
    return true;
  };
});
afterEach(() => {
  end.abort();
  api.stop();
  jest.restoreAllMocks();
});

/** Starts a pod. @param run its container's, none when it has not started @param uid another for another pod of the name */
const start = (name: string, run?: string, uid = name, component = "webapp") =>
  api.put(PODS, {
    metadata: { name, namespace: "shop", uid, labels: { "app.kubernetes.io/name": component } },
    spec: { containers: [{ name: component }] },
    status: { containerStatuses: [{ name: component, containerID: run, state: run ? { running: {} } : { waiting: {} } }] },
  });
const gone = (name: string) => {
  api.objects.delete(`${PODS}/${name}`);
  open.get(name)?.end();
};
const until = async (holds: () => boolean) => {
  for (let left = 300; left > 0 && !holds(); left--) await wait(10);
  expect(holds()).toBe(true);
};
const says = async (pod: string, text: string) => {
  await until(() => open.has(pod));
  open.get(pod)?.write(`${text}\n`);
  await until(() => heard.includes(`${pod}: ${text}`));
};

function follow(name = "webapp"): Promise<void> {
  jest.spyOn(timers, "setTimeout").mockImplementation(((_ms: number, ...rest: []) => wait(20, ...rest)) as never); // a look every 20 ms
  const client = api.client(end.signal);
  const list = async (): Promise<KubeObject[]> => client.expect(await client.send({ path: PODS }), "pods").body.items;
  return followLogs(
    client,
    list,
    name,
    { tail: 5, previous: false },
    {
      line: ({ pod }, text) => void heard.push(`${pod}: ${text}`),
      silent: ({ pod }, why) => void notes.push(`${pod}: ${why}`),
      note: (words) => void notes.push(words),
    },
  );
}

test("a rollout: the new pod is followed from its first line, the old one to its last, and both are told", async () => {
  start("webapp-1", "a");
  start("mysql-0", "m", "mysql-0", "mysql");
  const followed = follow();
  await says("webapp-1", "one");
  start("webapp-2");
  await until(() => notes.includes("webapp-2: has not started yet"));
  start("webapp-2", "b");
  await says("webapp-2", "two");
  await says("webapp-1", "last");
  gone("webapp-1");
  await until(() => notes.includes("pod webapp-1 was deleted"));
  await says("webapp-2", "three");
  end.abort();
  await followed;
  expect(asked).toEqual(["webapp-1?follow=true&tailLines=5&previous=false", "webapp-2?follow=true"]);
  expect(notes).toEqual(["webapp-2: has not started yet", "pod webapp-2 is new: its log is followed too", "pod webapp-1 was deleted"]);
});

test("a moment without any pod, and a successor of the same name", async () => {
  start("webapp-0", "a", "first");
  const followed = follow();
  await says("webapp-0", "one");
  gone("webapp-0");
  await until(() => notes.length === 1);
  open.clear();
  start("webapp-0", "b", "second");
  await says("webapp-0", "two");
  end.abort();
  await followed;
  expect(notes).toEqual(["pod webapp-0 was deleted", "pod webapp-0 is new: its log is followed too"]);
});

test("a container that starts again is followed from its first line, one that has ended is read once", async () => {
  start("webapp-1", "a");
  const followed = follow();
  await says("webapp-1", "one");
  start("webapp-1", "b");
  open.get("webapp-1")?.end();
  open.clear();
  await says("webapp-1", "two");
  const pod = start("webapp-1", "b");
  pod.status.containerStatuses[0].state = { terminated: {} };
  open.get("webapp-1")?.end();
  await wait(200);
  end.abort();
  await followed;
  expect(asked).toEqual(["webapp-1?follow=true&tailLines=5&previous=false", "webapp-1?follow=true"]);
});

test("a connection that breaks is told, and what was said meanwhile is asked for", async () => {
  start("webapp-1", "a");
  const followed = follow();
  await says("webapp-1", "one");
  const clock = jest.spyOn(performance, "now");
  open.get("webapp-1")?.destroy();
  open.clear();
  await until(() => notes.length === 1);
  const now = performance.now();
  clock.mockImplementation(() => now + 6500);
  await says("webapp-1", "two");
  end.abort();
  await followed;
  expect(notes).toEqual([expect.stringMatching(/^webapp-1: /)]);
  expect(asked[1]).toBe("webapp-1?follow=true&sinceSeconds=7");
});

test("nothing of that name at the start is told with what there is", async () => {
  start("webapp-1", "a");
  await expect(follow("webap")).rejects.toThrow("no pods of a component 'webap'; did you mean webapp?");
});

test("without following, all lines there are, also one without an end", async () => {
  const pod = start("webapp-1", "a");
  const options = { tail: 2, since: 60, previous: true };
  const line = ({ container }: { container: string }, text: string) => void heard.push(`${container}: ${text}`);
  await readLogs(api.client(), logSources([pod], undefined), options, line, () => undefined);
  expect(heard).toEqual(["webapp: webapp-1 before", "webapp: webapp-1 now"]);
  expect(asked).toEqual(["webapp-1?tailLines=2&previous=true&sinceSeconds=60"]);
});
