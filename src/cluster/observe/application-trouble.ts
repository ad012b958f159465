import { dirname } from "node:path/posix";
import { application as words } from "../../messages/application.ts";
import { printed } from "../../printed.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import type { Trouble } from "./trouble-type.ts";

/** An application of the user's: its name, and its entry in the environment file, such as `applications.shop`. */
export interface Entry {
  readonly name: string;
  readonly key: string;
}

/** The application that an object belongs to; undefined for what CloudNova brings itself, the sample application too. */
export function entryOf({ metadata }: KubeObject): Entry | undefined {
  const { "app.kubernetes.io/name": name = "", "app.kubernetes.io/component": component } = metadata.labels ?? {};
  // A user's application has a namespace of its own, named after it.
  const isOwn = component === "application" && name !== "" && metadata.namespace?.endsWith(`-${name}`);
  return isOwn ? { name, key: `applications.${name}` } : undefined;
}

/** Lines with which servers say where they listen: Flask, gunicorn, uvicorn, Django, waitress, Node. */
const LISTENS =
  /(?:running on|listening at:?|listening on|development server at|serving on) +(?:(?<all>all addresses)|(?<scheme>https?):\/\/(?<host>\[[^\]]*\]|[\w.-]+):(?<port>\d+)|port (?<only>\d+))/gi;
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/;

/** Where an application says that it listens. */
interface Listening {
  readonly port: string;
  /** The address, if no other pod reaches it. */
  readonly loopback?: string;
  readonly tls: boolean;
}

/** Where the output of an application says that it listens; undefined where it does not say. */
export function listeningIn(log: string): Listening | undefined {
  const found = [...log.matchAll(LISTENS)].map(({ groups = {} }) => groups);
  const last = found.findLast(({ port, only }) => port ?? only);
  const port = last?.port ?? last?.only;
  if (!port) return undefined;
  const open = found.some(({ all, only, host = "" }) => all || only || (host && !LOOPBACK.test(host)));
  return { port, tls: last?.scheme?.toLowerCase() === "https", ...(open ? {} : { loopback: `${last?.host}:${port}` }) };
}

/** Why a health check fails, from the kubelet's message and the application's output; undefined where neither tells more than the message itself. */
export function probeTroubleOf({ name, key }: Entry, answer: string, log: string): Trouble | undefined {
  const listening = listeningIn(log);
  if (/malformed HTTP response|HTTP\/1\.x transport connection broken/.test(answer) || listening?.tls)
    return { what: words.speaksTls(name), advice: words.speakHttp };
  const [, code] = /statuscode: (\d+)/.exec(answer) ?? [];
  if (code) return { what: words.statusCode(name, code), advice: words.writePath(key) };
  const [, wanted] = /:(\d+): (?:connect: )?connection refused/.exec(answer) ?? [];
  if (wanted) {
    if (listening?.loopback) return { what: words.loopback(name, listening.loopback), advice: words.listenOnAll(key, wanted) };
    if (listening && listening.port !== wanted)
      return { what: words.otherPort(name, listening.port, wanted), advice: words.writePort(key, listening.port) };
    return { what: words.nobodyListens(name, wanted), advice: words.portOrTime(key, printed("logs", "--component", name)) };
  }
  if (/deadline exceeded|timeout|timed out/i.test(answer)) return { what: words.tooSlow(name), advice: words.writeSeconds(key) };
  return undefined;
}

/** A text of an application's output, what it means, and which key to write; `found` is the pattern's group of that name. */
interface Rule {
  readonly pattern: RegExp;
  readonly what: (name: string, found: string) => string;
  readonly advice: (key: string, found: string) => string;
}

/** A path in the message of an error, in the quotes that Python, Node and the shells put around it. */
const PATH = `['"‘“(](?<found>[^'"’”)\\n]+)['"’”)]`;
/** Files that hold what must not be in an image. */
const SECRET_FILE = /^\/(run|var\/run)\/secrets\/|secret|passw|credential|\.(key|pem)$/i;

/** The folder of a path: itself, unless its last part looks like a file. */
const folderOf = (path: string): string => (/[^/]\.[^/]*$/.test(path) ? dirname(path) : path);

const either = (...patterns: readonly string[]) => new RegExp(patterns.map((one) => `(?:${one})`).join("|"), "im");

/** What applications write when their entry lacks something; the first that fits is taken. */
const RULES: readonly Rule[] = [
  { pattern: /exec format error/i, what: (name) => words.otherProcessor(name), advice: () => words.buildForNode },
  {
    pattern: /exec: "(?<found>[^"]+)": (?:executable file not found|stat [^:]+: no such file)/i,
    what: (name, found) => words.noProgram(name, found),
    advice: (key) => words.writeCommand(key),
  },
  {
    pattern: either(
      `read-only file system[^\\n]*?${PATH}`,
      `${PATH.replace("found", "before")}[^\\n]*read-only file system`,
      "read-only file system",
      "attempt to write a readonly database",
    ),
    what: (name, found) => words.readOnly(name, found),
    advice: (key, found) => words.writeWritable(key, folderOf(found)),
  },
  {
    pattern: either(
      "permission to access that port", // Django
      "(?:bind|listen|make_sock|connection to \\(|Can't connect to \\()[^\\n]*(?:permission denied|EACCES)",
      "(?:permission denied|EACCES)[^\\n]*(?:make_sock|0\\.0\\.0\\.0:\\d+|:::?\\d+)",
    ),
    what: (name) => words.lowPort(name),
    advice: (key) => words.higherPort(key),
  },
  {
    pattern: either(`(?:permission denied|EACCES)[^\\n]*?${PATH}`),
    what: (name, found) => words.mayNot(name, found),
    advice: (key, found) => words.writeUser(key, folderOf(found)),
  },
  { pattern: /'cryptography' package is required/i, what: (name) => words.noCryptography(name), advice: () => words.addCryptography },
  {
    pattern:
      /(?:Plugin|plugin '?)\W*(?:mysql_native_password|sha256_password)[^\n]*(?:not loaded|cannot be loaded|not supported)|Authentication plugin '[^']*' (?:cannot be loaded|is not supported)/,
    what: (name) => words.noPlugin(name),
    advice: () => words.renewClient,
  },
  {
    pattern: /Access denied for user '(?<found>[^']*)'/i,
    what: (name, found) => words.denied(name, found),
    advice: (key) => words.useAccount(key),
  },
  {
    pattern: /Unknown database '(?<found>[^']*)'/i,
    what: (name, found) => words.noDatabase(name, found),
    advice: (key, found) => words.writeDatabase(key, found),
  },
  {
    pattern: /Can't connect to (?:local )?(?:MySQL )?server|Unknown (?:MySQL )?server host/i,
    what: (name) => words.noHost(name),
    advice: (key) => words.writeHost(key),
  },
  {
    pattern: /Table '(?<found>[^']*)' doesn't exist/i,
    what: (name, found) => words.noTable(name, found),
    advice: (key) => words.makeTable(key),
  },
  { pattern: /No module named '(?<found>[\w.]+)'/, what: (name, found) => words.noModule(name, found), advice: () => words.addModule },
  {
    pattern: /ConnectTimeout|ETIMEDOUT|connection timed out|connect(?:ion)? to \S+ timed out/i,
    what: (name) => words.timedOut(name),
    advice: (key) => words.writeOutgoing(key),
  },
];

/** What the last output of an application, or the runtime's message, says about its entry; undefined where nothing of it is known. */
export function outputTrouble({ name, key }: Entry, text: string): Trouble | undefined {
  const [, file] = /(?:No such file or directory|ENOENT|FileNotFound)[^\n]*?['"](\/[^'"\n]+)['"]/.exec(text) ?? [];
  if (file && SECRET_FILE.test(file)) return { what: words.noSecretFile(name, file), advice: words.writeSecretFile(key, name, file) };
  for (const { pattern, what, advice } of RULES) {
    const match = pattern.exec(text);
    if (!match) continue;
    const found = match.groups?.found ?? match.groups?.before ?? "";
    return { what: what(name, found), advice: advice(key, found) };
  }
  return undefined;
}
