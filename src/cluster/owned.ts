import type { KubeObject } from "./objects.ts";

/** The server's list of fields (`FieldsV1`): each key names a child of the value that it stands for. */
type Fields = Readonly<{ [key: string]: Fields }>;

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
