import { compose as say } from "../messages/compose.ts";
import { type Entry, entry } from "./entry.ts";
import { type Note, noteOn, type Wanted } from "./part.ts";

/** Where the applications of an environment answer. */
export interface Addresses {
  /** Keys of an application's `ingress`. */
  readonly place: (service: string, name: string, wanted: Wanted) => readonly Entry[];
  /** Keys of the environment's `ingress`; complete when every application has its place. */
  readonly entries: readonly Entry[];
  readonly notes: readonly Note[];
}

const isPath = (path: string) => /^(\/[\w.~-]+)+$/.test(path);

/** Gives each application an address of its own. @param single whether there is only one: then it has every name */
export function addressesOf(cluster: "kind" | "k3s", single: boolean): Addresses {
  const entries: Entry[] = [];
  const notes: Note[] = [];
  const used = new Set<string>();

  /** The host as a key of the application; the only application has the environment's. */
  const hostOf = (service: string, host: string | undefined): Entry[] => {
    if (host === undefined) return [];
    if (!single) return [entry("host", host, say.why.host)];
    if (cluster === "k3s") entries.push(entry("host", host, say.why.host));
    else notes.push(noteOn(service)("leftOut", say.leftOut.host(host)));
    return [];
  };

  return {
    entries,
    notes,
    place: (service, name, { host, path, strip }) => {
      const before = single ? "" : (host ?? "");
      const taken = used.has(`${before} ${path}`);
      const at = taken ? `/${name}` : path;
      used.add(`${before} ${at}`);
      if (taken) notes.push(noteOn(service)("todo", say.todo.secondAddress(at)));
      return [
        ...hostOf(service, host),
        ...(isPath(at) ? [entry("path", at, taken ? say.why.pathFree : say.why.path)] : []),
        ...(taken || strip ? [entry("stripPath", true)] : []),
      ];
    },
  };
}
