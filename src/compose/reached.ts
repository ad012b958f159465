import { compose as say } from "../messages/compose.ts";
import { type Entry, entry } from "./entry.ts";
import type { Project } from "./model.ts";
import { noteOn, type Part, part, type Subject, when } from "./part.ts";
import { mebibytes } from "./runtime.ts";

/** `ingress` of an application: by Traefik's labels, else by the proxy that led to it. */
export function ingressPart({ service, definition, incoming, site, labels, place }: Subject): Part {
  const way = incoming.find(({ route }) => route.path === "/") ?? incoming[0];
  const host = labels.host ?? (way?.proxied ?? site)?.hosts[0]?.toLowerCase();
  const address = place({
    path: labels.path ?? way?.route.path ?? "/",
    strip: labels.strip || way?.route.strip === true,
    ...(host !== undefined && { host }),
  });
  const upload = labels.maxUpload ?? way?.proxied.maxUpload ?? 0;
  const timeout = way?.proxied.timeoutSeconds ?? 0;
  const proxy = way?.proxy ?? "traefik";
  const entries: readonly (Entry | undefined)[] = [
    ...address,
    when(upload > 0, () => entry("maxUpload", `${mebibytes(upload)}Mi`, say.why.fromProxy(proxy))),
    // The default is 60.
    when(timeout > 60, () => entry("timeoutSeconds", Math.min(3600, timeout), say.why.fromProxy(proxy))),
    when(labels.sticky, () => entry("sticky", true)),
  ];
  const own = part(entries).entries;
  const others = Object.keys({ ...definition.deploy?.labels, ...definition.labels }).filter((key) => !key.startsWith("traefik."));
  return part(
    [when(own.length > 0, () => entry("ingress", own))],
    [when(others.length > 0, () => noteOn(service)("leftOut", say.leftOut.labels(others.join(", "))))],
  );
}

const IN_URL = /[a-z][\w+.-]*:\/\/(?:[^@/\s]*@)?([A-Za-z0-9.-]+\.[A-Za-z]{2,})/g;
const PLAIN = /^([a-z0-9-]+(?:\.[a-z0-9-]+)+\.(?:com|net|org|io|dev|cloud|co|app))(?::\d+)?$/i;

/** DNS names that an application's variables name, outside of the project. */
export function outsideHosts(values: readonly string[], project: Project): string[] {
  const named = values.flatMap((value) => [...value.matchAll(IN_URL)].map(([, host = ""]) => host).concat(PLAIN.exec(value)?.[1] ?? []));
  return [...new Set(named.map((host) => host.toLowerCase()))].filter((host) => !(host in project.services)).sort();
}
