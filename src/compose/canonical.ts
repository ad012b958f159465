import { isAbsolute, join, normalize, posix } from "node:path";
import { compose as say } from "../messages/compose.ts";
import { shellWords } from "./shell-words.ts";

/** A service or a part of one, as YAML has it. */
export type Raw = Record<string, unknown>;

/** A part of a file that cannot be used, by its path in the file. */
export class PlaceError extends Error {
  override readonly name = "PlaceError";
  constructor(
    readonly path: readonly string[],
    message: string,
  ) {
    super(message);
  }
}

export const isMap = (value: unknown): value is Raw => typeof value === "object" && value !== null && !Array.isArray(value);

/** The keys of a service that the Compose specification has, with those of `build` and `healthcheck`. Keys that begin with `x-` are free. */
export const SERVICE_KEYS: ReadonlySet<string> = new Set(
  `annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name cpu_count cpu_percent
  cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec depends_on deploy develop device_cgroup_rules
  devices dns dns_opt dns_search domainname entrypoint env_file environment expose extends external_links extra_hosts gpus group_add
  healthcheck hostname image init ipc isolation label_file labels links logging mac_address mem_limit mem_reservation mem_swappiness
  memswap_limit models network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_start pre_stop
  privileged profiles provider pull_policy pull_refresh_after read_only restart runtime scale secrets security_opt shm_size stdin_open
  stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits umask use_api_socket user userns_mode uts volumes volumes_from
  working_dir`.split(/\s+/),
);

/** What a map's values are in YAML, as text; null stays. */
function texts(map: Raw): Record<string, string | null> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, value === null ? null : String(value)]));
}

/** `["A=1", "B"]` or a map. @param alone what a name without a value becomes */
export function pairs(value: unknown, path: readonly string[], alone: string | null): Record<string, string | null> {
  if (isMap(value)) return texts(value);
  if (!Array.isArray(value)) throw new PlaceError(path, say.expected.pairs);
  return Object.fromEntries(
    value.map((entry): [string, string | null] => {
      const [, name = "", rest] = /^([^=]*)(?:=([\s\S]*))?$/.exec(String(entry)) ?? [];
      return [name, rest ?? alone];
    }),
  );
}

/** The highest TCP port. */
const MOST_PORT = 65_535;
/** Whether a text is a port, or a range of them such as `8000-8005`. */
const isPort = (text: string, least = 1): boolean => {
  const [first = Number.NaN, last = first, more] = text.split("-").map((part) => (/^\d+$/.test(part) ? Number(part) : Number.NaN));
  return more === undefined && first >= least && first <= last && last <= MOST_PORT;
};

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);

const UNITS: Readonly<Record<string, number>> = { "": 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4, p: 1024 ** 5 };

/** A size such as `256M`, in bytes: Docker's units are powers of 1024. undefined where it is none. */
export function bytes(value: unknown): number | undefined {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*([kmgtp]?)i?b?$/i.exec(String(value).trim()) ?? [];
  return number === undefined ? undefined : Math.floor(Number(number) * (UNITS[unit.toLowerCase()] ?? 1));
}

const isSaid = (value: unknown): boolean => value !== null && value !== undefined;
const isCount = (value: unknown): boolean => /^\d+$/.test(String(value));
const isNumber = (value: unknown): boolean => /^\d*\.?\d+$/.test(String(value));
const isSize = (value: unknown): boolean => bytes(value) !== undefined;
const isTime = (value: unknown): boolean => /^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h|d|w))+$|^0$/.test(String(value));

/** @throws PlaceError for a value of a key that is not of its form */
function check(map: Raw, path: readonly string[], key: string, is: (value: unknown) => boolean, message: string): void {
  if (isSaid(map[key]) && !is(map[key])) throw new PlaceError([...path, key], message);
}

/** `8080:80`, `127.0.0.1:8080-8081:80-81/udp`, `80`. */
function shortPorts(text: string, path: readonly string[]): Raw[] {
  const [, host, published, from, to, protocol] =
    /^(?:(\[[^\]]*\]|[^:[\]]*):)??(?:(\d*(?:-\d+)?):)?(\d+)(?:-(\d+))?(?:\/([a-z]+))?$/i.exec(text) ?? [];
  if (from === undefined || !isPort(to === undefined ? from : `${from}-${to}`)) throw new PlaceError(path, say.expected.port);
  // 0 is any free port.
  if (published && !isPort(published, 0)) throw new PlaceError(path, say.expected.port);
  const count = Number(to ?? from) - Number(from) + 1;
  const [first, last] = (published ?? "").split("-");
  return Array.from({ length: count }, (_, index) => ({
    mode: "ingress",
    ...(host ? { host_ip: host.replace(/^\[|\]$/g, "") } : {}),
    target: Number(from) + index,
    ...(published ? { published: count > 1 && last !== undefined ? String(Number(first) + index) : published } : {}),
    protocol: protocol?.toLowerCase() ?? "tcp",
  }));
}

function ports(value: unknown, path: readonly string[]): Raw[] {
  return list(value).flatMap((entry, index) => {
    const at = [...path, String(index)];
    if (!isMap(entry)) return shortPorts(String(entry), at);
    const { target, published } = entry;
    if (!/^\d+$/.test(String(target)) || !isPort(String(target))) throw new PlaceError([...at, "target"], say.expected.port);
    if (isSaid(published) && published !== "" && !isPort(String(published), 0))
      throw new PlaceError([...at, "published"], say.expected.port);
    return [
      {
        mode: "ingress",
        protocol: "tcp",
        ...entry,
        target: Number(entry.target),
        ...(published !== undefined && { published: String(published) }),
      },
    ];
  });
}

/** A path of the file's, absolute. */
function absolute(path: string, folder: string, home: string): string {
  if (/^~(?=\/|$)/.test(path)) return normalize(join(home, path.slice(1)));
  if (/^[A-Za-z]:[\\/]/.test(path) || isAbsolute(path)) return path;
  return normalize(join(folder, path)).replace(/(?<=.)\/$/, "");
}

/** Where a file's paths begin. */
export interface Base {
  /** Folder of relative paths. */
  readonly folder: string;
  /** What `~` stands for. */
  readonly home: string;
}

const clean = (path: string) => posix.normalize(path).replace(/(?<=.)\/$/, "");

function mount(entry: unknown, path: readonly string[], { folder, home }: Base): Raw {
  if (isMap(entry)) {
    const { source, target } = entry;
    if (typeof target !== "string") throw new PlaceError([...path, "target"], say.expected.mount);
    const absoluteSource = entry.type === "bind" && typeof source === "string" ? { source: absolute(source, folder, home) } : {};
    return { ...entry, ...absoluteSource, target: clean(target) };
  }
  const text = String(entry);
  // A Windows drive's colon is no separator.
  const parts = text.split(/(?<!(?:^|:)[A-Za-z]):/);
  const [first = "", second, options = "", more] = parts;
  if (text === "" || more !== undefined || parts.includes("")) throw new PlaceError(path, say.expected.mount);
  if (second === undefined) return { type: "volume", target: clean(first) };
  const readOnly = options.split(",").includes("ro") ? { read_only: true } : {};
  const isPath = /^(\.|~|\/|[A-Za-z]:[\\/])/.test(first);
  return isPath
    ? { type: "bind", source: absolute(first, folder, home), target: clean(second), ...readOnly }
    : { type: "volume", source: first, target: clean(second), ...readOnly };
}

/** `command` and `entrypoint`: a list, or a text that is split as a shell does. */
const command = (value: unknown): unknown =>
  typeof value === "string" ? shellWords(value) : Array.isArray(value) ? value.map(String) : value;

/** An address from which Docker fetches a build's files, instead of a folder. */
export const isRemote = (context: string): boolean => /^(https?:\/\/|git:\/\/|git@|ssh:\/\/|github\.com\/)/.test(context);

function build(value: unknown, path: readonly string[], { folder, home }: Base): Raw {
  const whole: Raw = typeof value === "string" ? { context: value } : isMap(value) ? { ...value } : {};
  if (typeof value !== "string" && !isMap(value)) throw new PlaceError(path, say.expected.build);
  if (typeof whole.context === "string" && !isRemote(whole.context)) whole.context = absolute(whole.context, folder, home);
  if (whole.args !== undefined && whole.args !== null) whole.args = pairs(whole.args, [...path, "args"], null);
  return whole;
}

function healthcheck(value: unknown, path: readonly string[]): unknown {
  if (!isMap(value)) throw new PlaceError(path, say.expected.map);
  for (const key of ["interval", "timeout", "start_period", "start_interval"]) check(value, path, key, isTime, say.expected.time);
  check(value, path, "retries", isCount, say.expected.count);
  const { test } = value;
  return {
    ...value,
    ...(typeof test === "string" ? { test: ["CMD-SHELL", test] } : Array.isArray(test) ? { test: test.map(String) } : {}),
  };
}

function deploy(value: unknown, path: readonly string[]): unknown {
  if (!isMap(value)) throw new PlaceError(path, say.expected.map);
  check(value, path, "replicas", isCount, say.expected.count);
  const resources = isMap(value.resources) ? value.resources : {};
  for (const kind of ["limits", "reservations"]) {
    const limits = resources[kind];
    const at = [...path, "resources", kind];
    if (!isMap(limits)) {
      if (isSaid(limits)) throw new PlaceError(at, say.expected.map);
      continue;
    }
    check(limits, at, "memory", isSize, say.expected.size);
    check(limits, at, "cpus", isNumber, say.expected.number);
  }
  return { ...value, ...(value.labels !== undefined && { labels: pairs(value.labels, [...path, "labels"], "") }) };
}

/** A key whose value stays as it is. */
const checked =
  (is: (value: unknown) => boolean, message: string) =>
  (value: unknown, path: readonly string[]): unknown => {
    if (!is(value)) throw new PlaceError(path, message);
    return value;
  };

function exposed(value: unknown, path: readonly string[]): string[] {
  return list(value).map((entry, index) => {
    const text = String(entry);
    if (!isPort(text.replace(/\/\w+$/, ""))) throw new PlaceError([...path, String(index)], say.expected.port);
    return text;
  });
}

const dependsOn = (value: unknown) =>
  isMap(value)
    ? Object.fromEntries(Object.entries(value).map(([name, how]) => [name, { condition: "service_started", ...(how as object) }]))
    : Object.fromEntries(list(value).map((name) => [String(name), { condition: "service_started" }]));

const networks = (value: unknown) => (isMap(value) ? value : Object.fromEntries(list(value).map((name) => [String(name), null])));

/** Where a file that is given to a service lies without a `target`. */
const GIVEN = { secrets: (source: string) => `/run/secrets/${source}`, configs: (source: string) => `/${source}` } as const;

const given = (value: unknown, key: keyof typeof GIVEN) =>
  list(value).map((entry) => {
    const whole: Raw = isMap(entry) ? entry : { source: String(entry) };
    const target = String(whole.target ?? GIVEN[key](String(whole.source)));
    return { ...whole, target: target.startsWith("/") ? target : GIVEN[key](target) };
  });

const envFiles = (value: unknown, path: readonly string[], { folder, home }: Base) =>
  list(value).map((entry, index) => {
    const whole: Raw = isMap(entry) ? entry : { path: String(entry) };
    if (whole.format !== undefined) throw new PlaceError([...path, String(index), "format"], say.notSupported);
    return { required: true, ...whole, path: absolute(String(whole.path), folder, home) };
  });

const scalars = (value: unknown) => list(value).map(String);

type Form = (value: unknown, path: readonly string[], base: Base) => unknown;

/** The long form of each key that has a short one. */
const FORMS: Readonly<Record<string, Form>> = {
  build,
  command,
  entrypoint: command,
  configs: (value) => given(value, "configs"),
  deploy,
  depends_on: dependsOn,
  env_file: envFiles,
  environment: (value, path) => pairs(value, path, null),
  expose: exposed,
  healthcheck,
  cpus: checked(isNumber, say.expected.number),
  labels: (value, path) => pairs(value, path, ""),
  mem_limit: checked(isSize, say.expected.size),
  mem_reservation: checked(isSize, say.expected.size),
  stop_grace_period: checked(isTime, say.expected.time),
  links: scalars,
  networks,
  ports,
  profiles: scalars,
  scale: (value, path) => Number(checked(isCount, say.expected.count)(value, path)),
  secrets: (value) => given(value, "secrets"),
  tmpfs: scalars,
  user: String,
  volumes: (value, path, base) => list(value).map((entry, index) => mount(entry, [...path, String(index)], base)),
};

const COMMANDS = ["command", "entrypoint"];

/**
 * A service with every key in its long form and every path absolute.
 *
 * @param path the service's place in its file
 * @throws PlaceError
 */
export function canonical(service: Raw, path: readonly string[], base: Base): Raw {
  // An empty command is a decision; any other key without a value says nothing.
  const said = Object.entries(service).filter(([key, value]) => isSaid(value) || COMMANDS.includes(key));
  return Object.fromEntries(
    said.map(([key, value]) => {
      const form = FORMS[key];
      return [key, form && isSaid(value) ? form(value, [...path, key], base) : value];
    }),
  );
}
