import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { freePorts } from "../../../tools/common/ports.ts";
import { ensure } from "../../../tools/toolchain/ensure.ts";

// The real program; it is plain Go and builds in two seconds.
let program: string;
beforeAll(async () => {
  program = join(await ensure("forward"), "forward");
}, 120_000);

describe("forward", () => {
  let server: Server;
  let outside: number;
  let child: ChildProcess;

  beforeAll(async () => {
    // Answers when the client has said all: so each side's end of data must be handed on by itself.
    server = createServer({ allowHalfOpen: true }, (socket) => {
      let bytes = 0;
      socket.on("data", (chunk) => {
        bytes += chunk.length;
      });
      socket.on("end", () => socket.end(`${bytes} bytes`));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const inside = (server.address() as AddressInfo).port;
    [outside = 0] = await freePorts(1);
    const ports = `${outside}:${inside}`;
    child = spawn(program, ["listen", ports, "--", program, "serve", ports], { stdio: "inherit", detached: true });
  });
  afterAll(() => {
    server.close();
    if (child.pid) process.kill(-child.pid, "SIGKILL"); // its own group: listen and serve
  });

  const ask = async (size: number): Promise<string> => {
    const socket = connect({ port: outside, host: "127.0.0.1", allowHalfOpen: true });
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.end(Buffer.alloc(size, "x"));
    await once(socket, "end");
    return Buffer.concat(chunks).toString();
  };
  const whenUp = async (): Promise<void> => {
    for (;;) {
      const socket = connect(outside, "127.0.0.1");
      const up = await Promise.race([once(socket, "connect").then(() => true), once(socket, "error").then(() => false)]).catch(() => false);
      socket.destroy();
      if (up) return;
    }
  };

  test("passes both directions whole, many at once", async () => {
    await whenUp();
    const sizes = [0, 1, 70_000, 3_000_000, ...Array.from({ length: 50 }, (_, index) => index)];
    expect(await Promise.all(sizes.map(ask))).toEqual(sizes.map((size) => `${size} bytes`));
  });

  test("refuses a port that is taken, before it runs anything", () => {
    const { status, stderr, stdout } = spawnSync(program, ["listen", String(outside), "--", "echo", "started"], { encoding: "utf8" });
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(new RegExp(`127\\.0\\.0\\.1:${outside}: bind: address already in use`));
  });

  test("ends with the status of what it ran", () => {
    const { status } = spawnSync(program, ["listen", "0", "--", "sh", "-c", "exit 7"]);
    expect(status).toBe(7);
  });
});
