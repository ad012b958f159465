import { isMap, type Raw } from "./canonical.ts";

const key = (entry: unknown, ...names: readonly string[]): string => {
  const whole = entry as Raw;
  return JSON.stringify(names.map((name) => whole[name] ?? null));
};

/** What makes two entries of a list the same one: the later one replaces the earlier one. Other lists: equal entries are one. */
const IDENTITY: Readonly<Record<string, (entry: unknown) => string>> = {
  ports: (entry) => key(entry, "host_ip", "published", "target", "protocol"),
  volumes: (entry) => key(entry, "target"),
  secrets: (entry) => key(entry, "target"),
  configs: (entry) => key(entry, "target"),
  env_file: (entry) => key(entry, "path"),
};

/** Lists that a later file replaces. */
const REPLACED: ReadonlySet<string> = new Set(["command", "entrypoint", "test"]);

function lists(base: readonly unknown[], over: readonly unknown[], name: string): unknown[] {
  const identity = IDENTITY[name] ?? ((entry: unknown) => JSON.stringify(entry));
  const merged = new Map<string, unknown>();
  for (const entry of [...base, ...over]) merged.set(identity(entry), entry);
  return [...merged.values()];
}

/** Merges two parts in their long forms, as Compose merges files: maps by key, lists by entry, everything else by the later one. */
export function merge(base: unknown, over: unknown, name = ""): unknown {
  if (REPLACED.has(name)) return over;
  if (over === null || over === undefined) return base;
  if (isMap(base) && isMap(over)) {
    const merged: Raw = { ...base };
    for (const [key, value] of Object.entries(over)) merged[key] = key in base ? merge(base[key], value, key) : value;
    return merged;
  }
  if (Array.isArray(base) && Array.isArray(over)) return lists(base, over, name);
  return over;
}
