import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { ClusterError, Interrupted } from "../../../src/cluster/cluster-error.ts";
import { connect } from "../../../src/cluster/transport/connection.ts";
import { exec, type Place } from "../../../src/cluster/transport/exec.ts";
import { temporaryFolder } from "../../temporary.ts";
import { FakeApi } from "./api.ts";
import { serveExec } from "./stub-exec.ts";

const PLACE: Place = { namespace: "n", pod: "p-0", container: "c" };
let api: FakeApi;
const seen: Place[] = [];

beforeEach(async () => {
  api = await FakeApi.start();
  seen.length = 0;
  api.upgrade = serveExec((place, command) => {
    seen.push(place);
    return command;
  });
});
afterEach(() => api.stop());

async function run(command: readonly string[], input?: Readable, signal?: AbortSignal) {
  const kubeconfig = join(temporaryFolder("exec"), "config");
  writeFileSync(kubeconfig, api.kubeconfig("fake"));
  const connection = await connect({ kubeconfig });
  return exec({ connection, ...(signal && { signal }) }, PLACE, command, input);
}
const sh = (script: string, input?: Readable) => run(["sh", "-c", script], input);

test("a command's outputs and its exit code, from the container that was named", async () => {
  expect(await sh("echo 'a & b'; echo ñ >&2; exit 3")).toEqual({ status: 3, stdout: "a & b\n", stderr: "ñ\n" });
  expect(await sh("exit 0")).toMatchObject({ status: 0 });
  expect(seen[0]).toEqual(PLACE);
});

test("what it reads comes whole, and ends", async () => {
  const piece = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index & 0xff));
  const hash = createHash("sha256");
  async function* pieces() {
    for (let count = 0; count < 40; count++) {
      hash.update(piece);
      yield piece;
    }
  }
  const { stdout } = await sh("sha256sum | cut -d ' ' -f 1", Readable.from(pieces(), { objectMode: false }));
  expect(stdout.trim()).toBe(hash.digest("hex"));
});

test("it is not read faster than the command takes it", async () => {
  let given = 0;
  async function* endless() {
    for (; given < 4000; given++) yield Buffer.alloc(100_000);
  }
  // 400 MB for a command that takes 1 MB and ends: what lies between is in buffers.
  expect(await sh("head -c 1000000 > /dev/null; sleep 0.5; exit 7", Readable.from(endless(), { objectMode: false }))).toMatchObject({
    status: 7,
  });
  expect(given).toBeLessThan(400);
});

test("a program that is not in the image is told from a cluster that does not answer", async () => {
  expect(await run(["no-such-program"])).toMatchObject({ status: 127 });
  api.upgrade = (_, socket) => void socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
  await expect(sh("true")).rejects.toThrow(
    new ClusterError("pod p-0: the command did not run to its end: Unexpected server response: 404"),
  );
});

test("an error of what it reads is thrown as it is", async () => {
  async function* broken() {
    yield Buffer.from("a");
    throw new Error("the disk is gone");
  }
  await expect(sh("cat > /dev/null", Readable.from(broken(), { objectMode: false }))).rejects.toThrow("the disk is gone");
});

test("Ctrl-C ends it", async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 100);
  await expect(run(["sleep", "20"], undefined, stop.signal)).rejects.toThrow(Interrupted);
});

test("a connection that ends before the command has is no success", async () => {
  api.upgrade = (request, socket) => {
    serveExec(() => ["sleep", "5"])(request, socket);
    setTimeout(() => socket.destroy(), 100);
  };
  await expect(sh("true")).rejects.toThrow("pod p-0: the command did not run to its end: the connection ended");
});

test("a server that cannot end what a command reads is refused before anything is sent", async () => {
  api.upgrade = serveExec((_, command) => command, "v4.channel.k8s.io");
  await expect(sh("cat", Readable.from([Buffer.from("a")]))).rejects.toThrow("its Kubernetes is older than 1.30");
});
