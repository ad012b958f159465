import { bytes } from "./canonical.ts";

/** A path that a proxy forwards to a service. */
export interface Route {
  /** Name of the service. */
  readonly service: string;
  /** Port in its container; undefined: 80. */
  readonly port?: number;
  /** Path at the proxy, `/` or `/api`. */
  readonly path: string;
  /** Whether the proxy takes the path away. */
  readonly strip: boolean;
  /** Another protocol than HTTP over TCP, such as `uwsgi`: the service must be made to speak that. */
  readonly protocol?: string;
  /** Source of the mount that holds its socket. */
  readonly socket?: string;
}

/** What a proxy's configuration says. */
export interface Proxied {
  readonly routes: readonly Route[];
  /** DNS names, without `localhost` and `_`. */
  readonly hosts: readonly string[];
  /** Largest body, bytes; 0: no limit. */
  readonly maxUpload?: number;
  /** Seconds until an answer begins. */
  readonly timeoutSeconds?: number;
  /** Paths whose files the proxy serves itself. */
  readonly files: readonly string[];
  /** Paths that have a password at the proxy. */
  readonly passwords: readonly string[];
  /** Sockets in a shared folder, in place of a service's port, with their protocols. */
  readonly sockets: readonly { readonly path: string; readonly protocol: string }[];
}

interface Directive {
  readonly words: readonly string[];
  readonly block: readonly Directive[];
}

/** nginx's grammar: words, `;`, and blocks in braces. */
function directives(text: string): Directive[] {
  const tokens = text.replace(/(^|\s)#[^\n]*/g, "$1").match(/"(?:\\.|[^"])*"|'(?:\\.|[^'])*'|[{};]|(?:\$\{[^}]*\}|[^\s{};"'])+/g) ?? [];
  let at = 0;
  const block = (): Directive[] => {
    const found: Directive[] = [];
    let words: string[] = [];
    for (let token = tokens[at++]; token !== undefined && token !== "}"; token = tokens[at++]) {
      if (token === ";") {
        if (words.length > 0) found.push({ words, block: [] });
        words = [];
      } else if (token === "{") {
        found.push({ words, block: block() });
        words = [];
      } else words.push(token.replace(/^(["'])([\s\S]*)\1$/, "$2"));
    }
    return found;
  };
  return block();
}

function every(list: readonly Directive[], name: string): Directive[] {
  return list.flatMap((one) => [...(one.words[0] === name ? [one] : []), ...every(one.block, name)]);
}

const HOST = /^(?=.*\.)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i;
const isHost = (name: string) => HOST.test(name) && !/^[\d.]+$/.test(name) && !/\.(local|localhost|test)$/.test(name);

/** `60s`, `5m` or `60`: nginx' times, in seconds. */
function time(text: string | undefined): number | undefined {
  const [, number, unit = "s"] = /^(\d+)(ms|s|m|h)?$/.exec(text ?? "") ?? [];
  const factor = { ms: 0.001, s: 1, m: 60, h: 3600 }[unit] ?? 1;
  return number === undefined ? undefined : Math.ceil(Number(number) * factor);
}

const withoutSlash = (path: string) => path.replace(/(?<=.)\/+$/, "");

/** Where `http://service:port/path` leads. */
function target(address: string): { service: string; port?: number; path?: string } | undefined {
  const [, service, port, path] = /^(?:https?:\/\/|uwsgi:\/\/)?([A-Za-z0-9_.-]+)(?::(\d+))?(\/[^\s$]*)?$/.exec(address) ?? [];
  return service === undefined
    ? undefined
    : { service, ...(port !== undefined && { port: Number(port) }), ...(path !== undefined && { path }) };
}

const PASS = ["proxy_pass", "uwsgi_pass", "fastcgi_pass"];
const named = ({ words: [name = ""] }: Directive, ...wanted: readonly string[]) => wanted.includes(name);
const pathOf = ({ words }: Directive) => (/^[=~^]/.test(words[1] ?? "") ? words[2] : words[1]) ?? "/";
const socketOf = (text = "") => /^(?:https?:\/\/)?unix:\/{0,2}(\/[^:;\s]+)/.exec(text)?.[1];

/** Where a location leads: to a service, or to a socket. */
function passed(location: Directive, resolved: (address: string) => string): { route?: Route; socket?: Proxied["sockets"][number] } {
  const pass = location.block.find((one) => named(one, ...PASS));
  if (!pass) return {};
  const [spoken = ""] = (pass.words[0] ?? "").split("_");
  const address = pass.words[1] ?? "";
  const end = resolved(address);
  const socket = socketOf(end);
  if (socket !== undefined) return { socket: { path: socket, protocol: spoken === "proxy" ? "HTTP" : spoken } };
  const led = target(end);
  if (!led) return {};
  // A regular expression of a location is no path.
  const path = pathOf(location).startsWith("/") ? withoutSlash(pathOf(location)) : "/";
  const takesAway = target(address)?.path === "/" || location.block.some((one) => named(one, "rewrite"));
  const other = spoken === "proxy" ? {} : { protocol: spoken };
  return {
    route: { service: led.service, path, strip: path !== "/" && takesAway, ...(led.port !== undefined && { port: led.port }), ...other },
  };
}

/** Reads nginx' configuration. */
export function nginx(text: string): Proxied {
  const all = directives(text);
  const upstreams = new Map(
    every(all, "upstream").map(({ words, block }) => [words[1] ?? "", block.find((one) => named(one, "server"))?.words[1] ?? ""]),
  );
  const sets = new Map(every(all, "set").map(({ words }) => [words[1] ?? "", words[2] ?? ""]));
  const resolved = (address: string) => {
    const whole = address.replace(/\$\w+/g, (name) => sets.get(name) ?? name);
    return upstreams.get(target(whole)?.service ?? "") ?? whole;
  };
  const locations = every(all, "location");
  const ways = locations.map((location) => passed(location, resolved));
  const files = locations.filter(
    ({ block }) => block.some((one) => named(one, "root", "alias")) && !block.some((one) => named(one, ...PASS)),
  );
  const size = bytes(every(all, "client_max_body_size")[0]?.words[1] ?? "");
  const timeout = time(every(all, "proxy_read_timeout")[0]?.words[1]);
  const hosts = every(all, "server_name").flatMap(({ words }) => words.slice(1));
  return {
    routes: ways.flatMap(({ route }) => route ?? []),
    sockets: ways.flatMap(({ socket }) => socket ?? []),
    hosts: [...new Set(hosts.filter(isHost))],
    // nginx' own page for errors is in every example.
    files: [...new Set(files.map(pathOf))].filter((path) => !/^\/?50x\.html$/.test(path)),
    passwords: every(all, "auth_basic").some(({ words }) => words[1] !== "off") ? ["/"] : [],
    ...(size !== undefined && { maxUpload: size }),
    ...(timeout !== undefined && { timeoutSeconds: timeout }),
  };
}

/** Reads Apache's configuration: ProxyPass, ServerName, LimitRequestBody. */
export function apache(text: string): Proxied {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/^\s*#.*$/, "").trim());
  const values = (pattern: RegExp) => lines.flatMap((line) => pattern.exec(line)?.[1] ?? []);
  const routes = lines.flatMap((line) => {
    const [, path, address] = /^ProxyPass(?:Match)?\s+"?([^"\s]+)"?\s+"?([^"\s!]+)"?/i.exec(line) ?? [];
    const end = address === undefined ? undefined : target(address);
    if (!end || path === undefined) return [];
    const at = path.startsWith("/") ? withoutSlash(path) : "/";
    return [
      {
        service: end.service,
        ...(end.port !== undefined && { port: end.port }),
        path: at,
        strip: at !== "/" && withoutSlash(end.path ?? "/") === "/",
      },
    ];
  });
  const [most] = values(/^LimitRequestBody\s+(\d+)/i);
  const timeout = time(values(/^ProxyTimeout\s+(\d+)/i)[0]);
  return {
    routes,
    hosts: [...new Set(values(/^Server(?:Name|Alias)\s+(\S+)/i).filter(isHost))],
    sockets: [],
    files: values(/^Alias\s+"?([^"\s]+)/i),
    passwords: lines.some((line) => /^AuthType\s+Basic/i.test(line)) ? ["/"] : [],
    ...(most !== undefined && { maxUpload: Number(most) }),
    ...(timeout !== undefined && { timeoutSeconds: timeout }),
  };
}

/** Where a block of a Caddyfile is within a site. */
interface Scope {
  readonly path: string;
  readonly strip: boolean;
}
const SITE: Scope = { path: "/", strip: false };

const caddyPath = (text: string) => withoutSlash(text.replace(/\*$/, "")) || "/";

/** The scope of a block by its head: `handle_path /api/* {`. */
function scopeOf(head: string, outer: Scope): Scope {
  const [, kind, path] = /^(handle(?:_path)?|route)\s+(\/\S*)/.exec(head) ?? [];
  return path === undefined ? outer : { path: caddyPath(path), strip: kind === "handle_path" };
}

function caddyRoute(line: string, outer: Scope): Route[] {
  const [, path, address] = /^reverse_proxy(?:\s+(\/\S*))?\s+(\S+)/.exec(line) ?? [];
  const end = address === undefined ? undefined : target(address);
  if (!end) return [];
  const { service, port } = end;
  return [{ service, path: path === undefined ? outer.path : caddyPath(path), strip: outer.strip, ...(port !== undefined && { port }) }];
}

/** Reads a Caddyfile: site addresses, `reverse_proxy`, `handle_path`, `request_body`. */
export function caddy(text: string): Proxied {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/(^|\s)#.*$/, "").trim());
  const routes: Route[] = [];
  const hosts: string[] = [];
  const scopes: Scope[] = [];
  for (const line of lines) {
    const outer = scopes.at(-1) ?? SITE;
    routes.push(...caddyRoute(line, outer));
    if (line === "}") scopes.pop();
    if (!line.endsWith("{")) continue;
    const head = line.slice(0, -1);
    if (scopes.length === 0) hosts.push(...head.split(/[\s,]+/).map((word) => word.replace(/^https?:\/\/|:\d+$/g, "")));
    scopes.push(scopeOf(head, outer));
  }
  const most = bytes(/^max_size\s+(\S+)/m.exec(lines.join("\n"))?.[1] ?? "");
  return {
    routes,
    hosts: [...new Set(hosts.filter(isHost))],
    sockets: [],
    files: lines.some((line) => /^file_server\b/.test(line)) ? ["/"] : [],
    passwords: lines.some((line) => /^basic_?auth\b/.test(line)) ? ["/"] : [],
    ...(most !== undefined && { maxUpload: most }),
  };
}

/** What Traefik's labels of a service say. */
export interface Labelled {
  readonly host?: string;
  readonly path?: string;
  readonly port?: number;
  readonly strip: boolean;
  readonly sticky: boolean;
  readonly maxUpload?: number;
}

/** Reads Traefik's labels, versions 2 and 3, and version 1's `traefik.frontend.rule`. */
export function traefikLabels(labels: Readonly<Record<string, string>>): Labelled {
  const value = (pattern: RegExp) => Object.entries(labels).find(([key]) => pattern.test(key))?.[1];
  const rule = value(/^traefik\.(http\.routers\.[^.]+\.rule|frontend\.rule)$/i) ?? "";
  const host = /Host\(\s*[`"']([^`"',)]+)/.exec(rule)?.[1] ?? /^Host:\s*([^;,\s]+)/.exec(rule)?.[1];
  const path = /Path(?:Prefix)?\(\s*[`"']([^`"',)]+)/.exec(rule)?.[1] ?? /PathPrefix(?:Strip)?:\s*([^;,\s]+)/.exec(rule)?.[1];
  const port = Number(value(/^traefik\.(http\.services\.[^.]+\.loadbalancer\.server\.port|port)$/i));
  const most = Number(value(/\.buffering\.maxrequestbodybytes$/i));
  return {
    ...(host !== undefined && isHost(host) && { host: host.toLowerCase() }),
    ...(path !== undefined && { path: withoutSlash(path) }),
    ...(port > 0 && { port }),
    ...(most > 0 && { maxUpload: most }),
    strip: value(/\.stripprefix\.prefixes$/i) !== undefined || /PathPrefixStrip/.test(rule),
    sticky: value(/\.sticky\.cookie|\.loadbalancer\.sticky(ness)?/i) !== undefined,
  };
}
