import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { ClusterError, Interrupted } from "../cluster/cluster-error.ts";
import type { Target as Address } from "../cluster/transport/connection.ts";
import { ssh as say } from "../messages/ssh.ts";
import { target as words } from "../messages/target.ts";
import { quoted } from "../shell.ts";
import { type Ended, knownAdvice, lastLines, run, type Surroundings } from "./process.ts";
import { processorOf } from "./processor.ts";
import { type SshAddress, sshArguments } from "./ssh-address.ts";

/** A server to which an ssh connection is open. */
export interface Remote {
  readonly address: SshAddress;
  /** The host's name or address. */
  readonly host: string;
  /** The processor, as images name it. */
  readonly processor: string;
  /** Runs k3s there, as root. */
  k3s(args: readonly string[], input?: Readable): Promise<Ended>;
  /** The same; it must succeed. @throws ClusterError */
  mustK3s(args: readonly string[], input?: Readable): Promise<void>;
  /** Kubeconfig and context of its k3s, through the ssh connection: port 6443 may be closed. @throws ClusterError */
  cluster(): Promise<Address>;
}

/** What ssh says when there is no connection, why that is, and what to do. The first that fits is taken. */
const FAILURES: readonly (readonly [RegExp, (address: string, host: string) => readonly [why: string, advice: string]])[] = [
  [/HOST IDENTIFICATION HAS CHANGED/, (to, host) => [say.keyChanged, say.newKey(host, to)]],
  [/Host key verification failed/, (to) => [say.keyUnknown, say.connectByHand(to)]],
  [/Permission denied|Too many authentication failures|no such identity/i, (to) => [say.denied, say.userAndKey(to)]],
  [/Could not resolve hostname|Name or service not known/i, () => [say.noName, say.checkName]],
  [/Connection refused/i, (to) => [say.refused, say.sshRuns(to)]],
  [/timed out|timeout|No route to host|Network is unreachable/i, () => [say.unreachable, say.openPort22]],
  [/forward/i, () => [say.noForwarding, say.allowForwarding]],
];

/** The connections of this program, by destination and options: each command needs one, and a second log-in may ask for a password again. */
const OPEN = new Map<string, { readonly child: ChildProcess; readonly folder: string; readonly remote: Promise<Remote> }>();

/** Ends all connections, at the end of the program. */
export function closeRemotes(): void {
  for (const { child, folder } of OPEN.values()) {
    child.stdin?.end();
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
  OPEN.clear();
}

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });

const POLL_MS = 50;

/**
 * Connects to a server and looks at what it is: one ssh process, which the following commands share, with a tunnel to its API server.
 * It may ask for a password or about a host key on the terminal.
 *
 * @throws ClusterError when there is no connection, no root or no k3s; Interrupted
 */
export async function openRemote(around: Surroundings, address: SshAddress): Promise<Remote> {
  const key = JSON.stringify(address);
  const known = OPEN.get(key);
  if (known) return known.remote;
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "cn-ssh-")); // short: a socket's path has at most about 100 characters
  const socket = join(folder, "s");
  // What runs there is `cat`: it ends with this program, however that ends.
  const settings = ["ControlMaster=yes", "ControlPersist=no", "ExitOnForwardFailure=yes", "Compression=yes", ...QUIET];
  const child = spawn(
    "ssh",
    [...options(socket, settings), "-L", `127.0.0.1:${port}:127.0.0.1:6443`, ...address.options, address.destination, "cat"],
    {
      env: around.env as NodeJS.ProcessEnv,
      stdio: ["pipe", "ignore", "pipe"],
    },
  );
  const remote = connected(around, address, child, { socket, port });
  OPEN.set(key, { child, folder, remote });
  return remote;
}

/** A connection that ends is noticed after 45 s. Settings of ~/.ssh/config that would change what runs are off. */
const QUIET = ["ConnectTimeout=15", "ServerAliveInterval=15", "RequestTTY=no", "RemoteCommand=none", "ForwardAgent=no"];

const options = (socket: string, settings: readonly string[]): string[] =>
  [`ControlPath=${socket}`, ...settings].flatMap((setting) => ["-o", setting]);

/** Waits until the connection is there. @throws ClusterError that says why it is not, Interrupted */
async function connected(
  around: Surroundings,
  address: SshAddress,
  child: ChildProcess,
  { socket, port }: { readonly socket: string; readonly port: number },
): Promise<Remote> {
  let said = "";
  let ended: "missing" | "failed" | undefined;
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk;
  });
  child.stdin?.on("error", () => undefined);
  child.once("error", () => {
    ended = "missing";
  });
  child.once("close", () => {
    ended ??= "failed";
  });
  while (!existsSync(socket)) {
    if (around.signal.aborted) throw new Interrupted();
    if (ended) throw refusal(address, ended === "missing" ? undefined : said, await hostOf(around, address));
    await sleep(POLL_MS);
  }
  return look(around, address, { socket, port });
}

function refusal(address: SshAddress, said: string | undefined, host: string): ClusterError {
  const { destination } = address;
  if (said === undefined) return new ClusterError(`ssh: ${words.noProgram}`, say.installSsh);
  const text = said.trim();
  const [why, advice] = FAILURES.find(([pattern]) => pattern.test(text))?.[1](sshArguments(address), host) ?? [
    lastLines(text) || words.failed,
    say.tryByHand(sshArguments(address)),
  ];
  return new ClusterError(say.noConnection(destination, why), advice);
}

/** The host on which a server answers: where the address does not name it, by ~/.ssh/config. */
async function hostOf(around: Surroundings, { destination, options: more, host }: SshAddress): Promise<string> {
  if (host !== undefined) return host;
  const { stdout } = await run(around, "ssh", ["-G", ...more, destination]);
  return /^hostname (\S+)$/m.exec(stdout)?.[1] ?? destination.replace(/^.*@/, "");
}

/** Prints the processor, how commands become root, and whether k3s is there. */
const LOOK =
  'uname -m; if [ "$(id -u)" = 0 ]; then echo root; elif sudo -n true 2>/dev/null; then echo sudo; else echo neither; fi; PATH=$PATH:/usr/local/bin; command -v k3s';

/** @throws ClusterError where commands cannot become root, or there is no k3s */
async function look(
  around: Surroundings,
  address: SshAddress,
  { socket, port }: { readonly socket: string; readonly port: number },
): Promise<Remote> {
  const { destination } = address;
  const ask = (command: string, input?: Readable) =>
    run(around, "ssh", [...options(socket, ["ControlMaster=no", ...QUIET]), ...address.options, destination, command], { input });
  const [host, { stdout, status, words: said }] = await Promise.all([hostOf(around, address), ask(LOOK)]);
  const [machine = "", rights = "", k3s] = stdout.trim().split("\n");
  if (rights === "") throw new ClusterError(say.noConnection(destination, lastLines(said) || String(status)), say.tryByHand(destination));
  if (rights === "neither") throw new ClusterError(say.noRoot(destination), say.allowSudo(destination));
  if (!k3s) throw new ClusterError(say.noK3s(destination), address.noK3sAdvice ?? say.prepare(sshArguments(address)));
  const root = rights === "sudo" ? "sudo -n " : "";
  const run3 = (args: readonly string[], input?: Readable) => ask(`${root}${[k3s, ...args].map(quoted).join(" ")}`, input);
  return {
    address,
    host,
    processor: processorOf(machine),
    k3s: run3,
    mustK3s: async (args, input) => {
      const { status: code, words: text } = await run3(args, input);
      if (code !== 0)
        throw new ClusterError(say.k3sFailed(destination, args.slice(0, 3).join(" "), lastLines(text)), knownAdvice(text) ?? words.k3sLogs);
    },
    cluster: async () => {
      const { status: code, stdout: text, words: why } = await ask(`${root}cat ${KUBECONFIG}`);
      if (code !== 0) throw new ClusterError(say.noKubeconfig(destination, KUBECONFIG, lastLines(why)), words.k3sLogs);
      return { context: destination, text: throughTunnel(text, destination, port), ingress: host };
    },
  };
}

/** Where k3s writes the administrator's kubeconfig. */
const KUBECONFIG = "/etc/rancher/k3s/k3s.yaml";

/** k3s' kubeconfig with the tunnel's address, which its certificate names (127.0.0.1), and the destination as its context's name. */
function throughTunnel(text: string, name: string, port: number): string {
  const config = parse(text) as {
    readonly clusters: readonly { readonly cluster: Readonly<Record<string, unknown>> }[];
    readonly users: readonly { readonly user: unknown }[];
  };
  const { cluster } = config.clusters[0] ?? { cluster: {} };
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster: { ...cluster, server: `https://127.0.0.1:${port}` } }],
    users: [{ name, user: config.users[0]?.user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  });
}
