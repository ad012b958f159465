import { posix } from "node:path";
import { compose as say } from "../messages/compose.ts";
import { type Entry, entry } from "./entry.ts";
import { noteOn, type Part, part, type Subject, when } from "./part.ts";

/** The port that a server's command names. */
function portIn(command: string): number | undefined {
  const forms = [
    /(?:--bind|-b)[ =]\S*?:(\d{2,5})\b/,
    /(?:--port|--http-port)[ =](\d{2,5})\b/,
    /\brunserver\s+(?:\S*:)?(\d{2,5})\b/,
    /(?:--http|--http-socket)[ =]\S*?:(\d{2,5})\b/,
    /\s-p[ =]?(\d{4,5})\b/,
  ];
  return forms.map((form) => Number(form.exec(command)?.[1])).find((port) => port > 0 && port <= 65_535);
}

/** The port of a server that names none. */
const USUAL: readonly (readonly [RegExp, number])[] = [
  [/\bflask\b.*\brun\b/, 5000],
  [/\bgunicorn\b|\brunserver\b|\buvicorn\b|\bhypercorn\b/, 8000],
  [/\bwaitress-serve\b/, 8080],
];

/** Where an application listens, by the first of these that says so. */
function portOf({ incoming, definition, built, command, source, labels }: Subject): { port: number; why: string } {
  const { ports = [], expose = [] } = definition;
  const forwarded = incoming.find(({ route }) => route.port !== undefined);
  const named = portIn(command);
  const tcp = ports.filter(({ protocol }) => protocol !== "udp");
  const published = tcp.find(({ target }) => target === named) ?? tcp[0];
  const exposed = Number.parseInt(expose[0] ?? "", 10);
  const usual = USUAL.find(([pattern]) => pattern.test(command))?.[1];
  const found: readonly (readonly [number | undefined, string])[] = [
    [forwarded?.route.port, say.why.portOfProxy(forwarded?.proxy ?? "")],
    [labels.port, say.why.portOfLabel],
    [published?.target, say.why.portOfPorts(`${published?.published ?? ""}:${published?.target}`)],
    [exposed > 0 ? exposed : undefined, say.why.portOfExpose],
    [named, say.why.portOfCommand],
    [/\.py\b/.test(command) ? source?.runs?.port : undefined, say.why.portOfCommand],
    [built?.image.expose[0], say.why.portOfImage],
    [usual, say.why.portOfServer],
  ];
  const [port = 5000, why = say.why.portGuessed] = found.find(([one]) => one !== undefined) ?? [];
  return { port, why };
}

/** `port` of an application, and what keeps it from being reached there. */
export function portPart(subject: Subject): { port: number; part: Part } {
  const { service, definition, incoming, source, command } = subject;
  const { port, why } = portOf(subject);
  const note = noteOn(service);
  const others = (definition.ports ?? [])
    .filter(({ target }) => target !== port)
    .map(({ published, target }) => `${published ?? ""}:${target}`);
  const protocol = incoming.find(({ route }) => route.protocol !== undefined)?.route.protocol;
  const loopback = source?.runs && !source.runs.everywhere && /\.py\b/.test(command) ? source.runs.place : undefined;
  return {
    port,
    part: part(
      [entry("port", port, why)],
      [
        when(others.length > 0, () => note("leftOut", say.leftOut.ports(others.join(", "), port))),
        when(protocol, () => note("todo", say.todo.protocol(protocol ?? ""))),
        when(loopback, () => note("todo", say.todo.loopback(loopback ?? ""))),
      ],
    ),
  };
}

/** The places of the source that open a log file outside of folders which the application may write to. */
function logFilesOutside({ source, built, volumePaths }: Subject, writable: readonly string[]): string {
  const folders = ["/tmp", ...writable, ...volumePaths];
  return (source?.logFiles ?? [])
    .filter(({ file }) => {
      const path = posix.resolve(built?.image.workdir ?? "/", file);
      return !folders.some((folder) => path.startsWith(`${folder}/`));
    })
    .map(({ place }) => place)
    .join(", ");
}

const SERVER = /(^|\/)(nginx|httpd|caddy)(:|$)/;

/** Who runs the image: `user`, `podSecurity`, `writable`. @param writable folders besides /tmp */
export function securityPart(subject: Subject, port: number, writable: readonly string[]): Part {
  const { service, definition, built } = subject;
  const note = noteOn(service);
  const [owner = "", group] = (definition.user ?? built?.image.user ?? "").split(":");
  const base = definition.build ? built?.image.base : definition.image;
  const folders: Entry[] = writable.length > 0 ? [entry("writable", [...new Set(["/tmp", ...writable])], say.why.writable)] : [];
  if (owner === "0" || owner === "root" || (owner === "" && SERVER.test(base ?? ""))) {
    const place = definition.user === undefined ? "Dockerfile" : "user";
    return part(
      [entry("user", 0, say.why.root), entry("podSecurity", "baseline"), entry("writable", true)],
      [note("todo", say.todo.root(place))],
    );
  }
  const low = when(port < 1024, () => note("todo", say.todo.lowPort(port)));
  const outside = logFilesOutside(subject, writable);
  const logs = when(outside, () => note("todo", say.todo.logFiles(outside)));
  if (/^\d+$/.test(owner)) {
    const other = group !== undefined && group !== owner ? note("todo", say.todo.group(group, owner)) : undefined;
    return part([entry("user", Number(owner), say.why.user), ...folders], [other, low, logs]);
  }
  return part(folders, [owner === "" ? note("taken", say.taken.unprivileged) : note("todo", say.todo.namedUser(owner)), low, logs]);
}
