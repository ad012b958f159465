import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { KubeObject, ManagedFields } from "./kube-object.ts";
import { MANAGER } from "./managers.ts";

/** Our entry in `managedFields`. */
export function ownEntry({ metadata }: Pick<KubeObject, "metadata">): ManagedFields | undefined {
  return metadata.managedFields?.find(
    ({ manager, operation, subresource }) => manager === MANAGER && operation === "Apply" && !subresource,
  );
}

/**
 * Whether an apply changed an object. Its resource version does not show it: controllers write status in between, and of some kinds
 * (volume claims) the server writes a new version at each apply. Only the fields that are ours, and their values, show it.
 *
 * @param before the whole object as it was read before  @param after as the server answered
 */
export function changed(before: KubeObject, after: KubeObject): boolean {
  if (before.metadata.resourceVersion === after.metadata.resourceVersion) return false;
  if (before.metadata.uid !== after.metadata.uid) return true;
  const [then, fields] = [ownEntry(before)?.fieldsV1, ownEntry(after)?.fieldsV1];
  return !isDeepStrictEqual(then, fields) || !isDeepStrictEqual(ownedPart(before, fields), ownedPart(after, fields));
}

/**
 * Stands for what we own of an object. The server takes a field out of our entry as soon as another manager changes or removes it,
 * by whatever way: an unchanged entry proves that every field that we set still has the value that we gave it.
 * Undefined when we own nothing of it.
 */
export function fingerprint(live: Pick<KubeObject, "metadata">): string | undefined {
  const entry = ownEntry(live);
  if (!entry || live.metadata.deletionTimestamp) return undefined;
  const proof = JSON.stringify([live.metadata.uid, entry.time, entry.fieldsV1]);
  return createHash("sha256").update(proof).digest("base64url").slice(0, 22);
}

/** The server's list of fields (`FieldsV1`): each key names a child of the value that it stands for. */
export type Fields = Readonly<{ [key: string]: Fields }>;

/** How a key names a child: a field, an item of a list by its own keys, an item by its value, an item by its place. */
const CHILD: Readonly<Record<string, (value: unknown, name: string) => unknown>> = {
  f: (value, name) => (value as Record<string, unknown> | null | undefined)?.[name],
  k: (value, name) => {
    const keys = Object.entries(JSON.parse(name) as object);
    return listOf(value).find((item) => keys.every(([key, wanted]) => (item as Record<string, unknown>)[key] === wanted));
  },
  v: (value, name) => listOf(value).find((item) => JSON.stringify(item) === JSON.stringify(JSON.parse(name))),
  i: (value, name) => listOf(value)[Number(name)],
};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/**
 * The part of an object that a field manager set.
 *
 * @param fields its entry's `fieldsV1`; undefined for a manager that set nothing
 */
export function ownedPart(object: KubeObject, fields: object | undefined): object {
  return part(object, (fields ?? {}) as Fields) as object;
}

function part(value: unknown, fields: Fields): unknown {
  const names = Object.keys(fields);
  if (names.length === 0) return value; // all of it
  const children = names
    .filter((name) => name !== ".") // the thing itself, with whatever is in it of others
    .map((name) => [name, part(CHILD[name[0] ?? ""]?.(value, name.slice(2)), fields[name] ?? {})]);
  return { there: value !== undefined, ...Object.fromEntries(children) };
}

/** Those of a manager's fields that a value names itself, without the defaults that the server has put beside them. */
export function namedBy(value: unknown, fields: Fields): Fields {
  const named = Object.entries(fields).flatMap(([name, children]): [string, Fields][] => {
    if (name === ".") return [[name, children]];
    const child = CHILD[name[0] ?? ""]?.(value, name.slice(2));
    return child === undefined ? [] : [[name, namedBy(child, children)]];
  });
  return Object.fromEntries(named);
}

/**
 * An object without the fields that one manager has set and no other: what the server takes away when that manager lets go of them.
 *
 * @param fields the manager's  @param others those of every other manager
 */
export function withoutPart<T>(object: T, fields: Fields, others: readonly Fields[]): T {
  return (without(object, fields, others) ?? {}) as T;
}

function without(value: unknown, fields: Fields, others: readonly Fields[]): unknown {
  const names = Object.keys(fields).filter((name) => name !== ".");
  if (others.length === 0 && (names.length === 0 || fields["."])) return undefined;
  return names.reduce((rest, name) => {
    const child = CHILD[name[0] ?? ""]?.(value, name.slice(2));
    if (child === undefined) return rest;
    const theirs = others.flatMap((one) => one[name] ?? []);
    return replaced(rest, child, name, without(child, fields[name] ?? {}, theirs));
  }, value);
}

/** A list or an object in which one child is another, or is gone. */
function replaced(value: unknown, child: unknown, name: string, by: unknown): unknown {
  if (Array.isArray(value)) return value.flatMap((item) => (item !== child ? [item] : by === undefined ? [] : [by]));
  const { [name.slice(2)]: _, ...rest } = value as Record<string, unknown>;
  return by === undefined ? rest : { ...rest, [name.slice(2)]: by };
}
