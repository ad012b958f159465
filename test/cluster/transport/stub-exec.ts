import { spawn } from "node:child_process";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Place } from "../../../src/cluster/transport/exec.ts";
import { Frames, frame, switchProtocols } from "./stub-kubelet.ts";

/** The program of this machine that stands for a command in a container. */
export type Program = (place: Place, command: readonly string[]) => readonly string[];

/** How the API server tells that a command has ended (k8s.io/kubelet, pkg/cri/streaming/remotecommand/exec.go). */
function statusOf(code: number | null, missing: boolean): object {
  if (code === 0) return { metadata: {}, status: "Success" };
  if (missing)
    return { metadata: {}, status: "Failure", message: 'exec: "x": executable file not found in $PATH', reason: "InternalError" };
  const causes = [{ reason: "ExitCode", message: String(code) }];
  return { metadata: {}, status: "Failure", message: `exit code ${code}`, reason: "NonZeroExitCode", details: { causes } };
}

/**
 * Answers a web socket as API server, kubelet and containerd do when a command runs in a container: channels of standard input and outputs,
 * the status on channel 3, and the end of standard input on channel 255.
 *
 * @param protocol which version is spoken
 */
export const serveExec =
  (program: Program, protocol = "v5.channel.k8s.io") =>
  ({ url = "", headers }: IncomingMessage, socket: Socket): void => {
    const { pathname, searchParams } = new URL(url, "https://api");
    const [, namespace = "", pod = ""] = /\/namespaces\/([^/]+)\/pods\/([^/]+)\/exec$/.exec(pathname) ?? [];
    const place = { namespace, pod, container: searchParams.get("container") ?? "" };
    switchProtocols(headers, socket, protocol);
    const [file = "", ...args] = program(place, searchParams.getAll("command"));
    const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"] });
    const send = (channel: number) => (data: Buffer) => {
      if (!socket.write(frame(Buffer.concat([Buffer.of(channel), data])))) child.stdout.pause();
    };
    socket.on("drain", () => child.stdout.resume());
    child.stdout.on("data", send(1));
    child.stderr.on("data", send(2));
    child.stdin.on("error", () => undefined).on("drain", () => socket.resume());
    if (searchParams.get("stdin") !== "true") child.stdin.end();
    let missing = false;
    child.on("error", () => {
      missing = true;
    });
    child.on("close", (code) => {
      socket.write(frame(Buffer.concat([Buffer.of(3), Buffer.from(JSON.stringify(statusOf(code, missing)))])));
      socket.write(frame(Buffer.of(0x03, 0xe8), 8));
      socket.end();
    });
    const frames = new Frames();
    socket.on("data", (chunk) => {
      for (const { kind, payload } of frames.take(chunk)) {
        if (kind === 2 && payload[0] === 0 && !child.stdin.write(payload.subarray(1))) socket.pause();
        if (kind === 2 && payload[0] === 255) child.stdin.end();
      }
    });
    // Unlike here, a command outlives a connection that breaks: it finds the end of what it reads.
    socket.on("close", () => child.stdin.destroy() && child.kill()).on("error", () => undefined);
  };
