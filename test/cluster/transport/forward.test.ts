import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, createServer, get, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { ClusterError } from "../../../src/cluster/cluster-error.ts";
import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import type { Client } from "../../../src/cluster/transport/client.ts";
import { type Forward, forwardTo, type Picker } from "../../../src/cluster/transport/forward.ts";
import { Kubelet } from "./stub-kubelet.ts";

const LARGE = randomBytes(5 * 1024 ** 2);
const hash = (data: Buffer) => createHash("sha256").update(data).digest("hex");
let kubelet: Kubelet;
let pod: Server;
let forward: Forward;
let problems: string[];

beforeEach(async () => {
  kubelet = await Kubelet.start();
  pod = createServer(({ url }, response) => {
    if (url === "/endless") response.write(LARGE);
    else response.end(url === "/large" ? LARGE : `you asked for ${url}`);
  });
  await new Promise<void>((resolve) => pod.listen(0, "127.0.0.1", resolve));
  problems = [];
  forward = await open((pod.address() as AddressInfo).port);
});
afterEach(async () => {
  await forward.close();
  pod.close();
  kubelet.stop();
});

const ALONE: Picker = () => [named("webapp-0")];
const named = (name: string) => ({ metadata: { name } }) as KubeObject;

function open(target: number, pick = ALONE, patienceMs = 0): Promise<Forward> {
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: "c", server: kubelet.url, skipTLSVerify: true }, { name: "u" });
  const client = { connection: { config } } as unknown as Client;
  const door = { name: "app", namespace: "n", component: "webapp", target };
  return forwardTo(client, door, 0, pick, (words) => void problems.push(words), patienceMs);
}

function fetch(path: string, agent?: Agent): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port: forward.port, path, agent }, async (response) => {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of response) chunks.push(chunk as Buffer);
        resolve(Buffer.concat(chunks));
      } catch (error) {
        reject(error);
      }
    }).on("error", reject);
  });
}
const settled = async (condition: () => boolean) => {
  for (let left = 100; left > 0 && !condition(); left--) await sleep(10);
  return condition();
};

test("a web socket ends with its connection, also when the port is closed while a client keeps its connection alive", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (const path of ["/1", "/2", "/3"]) expect(String(await fetch(path, agent))).toBe(`you asked for ${path}`);
  expect(kubelet.open.size).toBe(1); // one connection was enough
  await forward.close();
  expect(await settled(() => kubelet.open.size === 0)).toBe(true);
  agent.destroy();
});

test("large answers, many at once, arrive whole", async () => {
  const bodies = await Promise.all(Array.from({ length: 8 }, () => fetch("/large", new Agent())));
  expect(bodies.map(hash)).toEqual(Array(8).fill(hash(LARGE)));
  expect(problems).toEqual([]);
});

test("a client that reads slowly slows the pod down, instead of filling this program's memory", async () => {
  const socket = connect(forward.port, "127.0.0.1");
  socket.write("GET /large HTTP/1.0\r\n\r\n");
  await once(socket, "readable"); // and reads no further for a while
  await sleep(300);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  expect(hash(Buffer.concat(chunks).subarray(-LARGE.length))).toBe(hash(LARGE));
});

test("a client that has said all it wants still gets its answer", async () => {
  const socket = connect({ port: forward.port, host: "127.0.0.1", allowHalfOpen: true });
  socket.end("GET /half HTTP/1.0\r\n\r\n");
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  expect(String(Buffer.concat(chunks))).toMatch(/you asked for \/half$/);
});

test("a pod that dies cuts the connection, and what it refuses is told in words, not written into the data", async () => {
  // An answer that has no end: a whole one may have arrived before the pod dies.
  const answer = fetch("/endless", new Agent()).catch((error: Error) => error);
  await settled(() => kubelet.open.size === 1);
  for (const socket of kubelet.open) socket.destroy();
  expect(await answer).toMatchObject({ message: expect.stringMatching(/aborted|hang up|ECONNRESET/) });
  await forward.close();
  forward = await open(1);
  await expect(fetch("/gone", new Agent())).rejects.toThrow(/ECONNRESET|hang up/);
  expect(problems).toEqual([expect.stringMatching(/^app: port 1 of pod webapp-0: error forwarding port: .*ECONNREFUSED/)]);
});

test("when its pod is gone the next ready one takes over, with a word; a pod that cannot be reached any more is passed over", async () => {
  const { port } = pod.address() as AddressInfo;
  await forward.close();
  let ready = ["webapp-0", "webapp-1"];
  forward = await open(port, () => ready.map(named));
  const ask = async () => expect(String(await fetch("/", new Agent()))).toBe("you asked for /");
  await ask();
  ready = ["webapp-1", "webapp-0"]; // the order of a list means nothing
  await ask();
  expect(problems).toEqual([]);
  ready = ["webapp-1"];
  await ask();
  expect(problems).toEqual(["app: now forwarding to pod webapp-1; webapp-0 is no longer ready"]);
  kubelet.gone.add("webapp-1"); // ended, but still in the list
  ready = ["webapp-1", "webapp-2"];
  await ask();
  expect(problems.slice(1)).toEqual(["app: now forwarding to pod webapp-2; webapp-1 is no longer ready"]);
});

test("while no pod is ready a connection waits, which is told once; without patience it is told and ends", async () => {
  const { port } = pod.address() as AddressInfo;
  const none = () => {
    throw new ClusterError("no pod of webapp is ready");
  };
  await forward.close();
  let pick: Picker = none;
  forward = await open(port, (...args) => pick(...args), 30_000);
  const answers = Promise.all([fetch("/1", new Agent()), fetch("/2", new Agent())]);
  await settled(() => problems.length > 0);
  pick = ALONE;
  expect((await answers).map(String)).toEqual(["you asked for /1", "you asked for /2"]);
  expect(problems).toEqual(["app: no pod of webapp is ready"]);
  await forward.close();
  forward = await open(port, none);
  await expect(fetch("/", new Agent())).rejects.toThrow(/ECONNRESET|hang up/);
  expect(problems).toHaveLength(2);
});

test("a port that is in use says which, by whom, and what to do", async () => {
  const client = {} as Client;
  const door = { name: "grafana", namespace: "n", component: "grafana", target: 3000 };
  await expect(forwardTo(client, door, forward.port, ALONE)).rejects.toMatchObject({
    message: `port ${forward.port} for grafana is in use by node (pid ${process.pid})`,
    advice: expect.stringContaining("--port grafana=PORT"),
  });
});
