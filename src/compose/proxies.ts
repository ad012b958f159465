import { relative } from "node:path";
import { compose as say } from "../messages/compose.ts";
import type { Files, Project } from "./model.ts";
import { filesAt, imageOf } from "./mounted.ts";
import { type Incoming, type Note, noteOn } from "./part.ts";
import { apache, caddy, nginx, type Proxied } from "./proxy.ts";
import { type Proxy as Kind, proxyOf } from "./roles.ts";

/** How each proxy's configuration is read, and where its image has it. Traefik is read by the labels of the applications. */
const READERS: Readonly<Partial<Record<Kind, { readonly read: (text: string) => Proxied; readonly files: RegExp }>>> = {
  nginx: { read: nginx, files: /(\.conf(\.template)?|\/sites-(enabled|available)\/[^/]+|\/nginx\.conf\S*|\/conf\.d\/[^/]+)$/ },
  apache: { read: apache, files: /\.conf$/ },
  caddy: { read: caddy, files: /Caddyfile/ },
};

/** Whether the configuration of a proxy is one that is read here. */
export const isReadable = (kind: Kind): boolean => READERS[kind] !== undefined;

/** A proxy service, with what its configuration says; undefined where none was found. */
export interface ProxyService {
  readonly name: string;
  readonly kind: Kind;
  readonly proxied: Proxied | undefined;
  readonly files: readonly string[];
}

export function readProxy(name: string, project: Project, files: Files): ProxyService {
  const service = project.services[name] ?? {};
  const image = service.build ? imageOf(service, files)?.image.base : service.image;
  const kind = proxyOf(image ?? "");
  const reader = READERS[kind];
  const found = reader ? [...new Set(filesAt(service, project, files, reader.files).map(({ source }) => source))] : [];
  const proxied = found.length > 0 ? reader?.read(found.map((file) => files.read(file) ?? "").join("\n")) : undefined;
  return { name, kind, proxied, files: found };
}

/** What became of a proxy. @param leads whether a request of it leads to a service of the project */
export function proxyNotes({ name, proxied, files, kind }: ProxyService, project: Project, leads: boolean): Note[] {
  const note = noteOn(name);
  const shown = files.map((file) => relative(project.folder, file)).join(", ");
  const replaced = kind === "traefik" ? say.replaced.traefik : proxied ? say.replaced.proxy(shown) : say.replaced.proxyWithout;
  const served = proxied?.files ?? [];
  return [
    note("replaced", replaced),
    ...(!leads && isReadable(kind) ? [note("todo", say.todo.leadsNowhere)] : []),
    ...(served.length > 0 ? [note("todo", say.todo.staticFiles(served.join(", ")))] : []),
    ...(proxied?.passwords.length ? [note("todo", say.todo.proxyPassword)] : []),
  ];
}

/** Routes to sockets in a folder that the proxy and a service both mount. */
function throughSockets({ name: proxy, proxied }: ProxyService, project: Project, names: readonly string[]): [string, Incoming][] {
  const mounts = (service: string) => project.services[service]?.volumes ?? [];
  return (proxied?.sockets ?? []).flatMap(({ path, protocol }): [string, Incoming][] => {
    const socket = mounts(proxy).find(({ target }) => path.startsWith(`${target}/`))?.source;
    const service = names.find((name) => name !== proxy && mounts(name).some(({ source }) => source !== undefined && source === socket));
    if (!proxied || service === undefined || socket === undefined) return [];
    return [[service, { proxy, proxied, route: { service, path: "/", strip: false, protocol: `${protocol} (${path})`, socket } }]];
  });
}

/** What leads to each service from a proxy, by the service's name. */
export function incomingOf(
  proxies: readonly ProxyService[],
  project: Project,
  names: readonly string[],
): ReadonlyMap<string, readonly Incoming[]> {
  const serviceOf = (host: string) =>
    names.find((name) => [name, project.services[name]?.container_name, project.services[name]?.hostname].includes(host));
  const all = proxies.flatMap((proxy): [string, Incoming][] => {
    const { name, proxied } = proxy;
    const routes = (proxied?.routes ?? []).flatMap((route): [string, Incoming][] => {
      const service = serviceOf(route.service);
      return proxied && service !== undefined ? [[service, { proxy: name, route, proxied }]] : [];
    });
    return [...routes, ...throughSockets(proxy, project, names)];
  });
  return new Map(all.map(([service]) => [service, all.filter(([one]) => one === service).map(([, incoming]) => incoming)]));
}
