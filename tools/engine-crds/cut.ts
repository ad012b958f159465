/** The keys of a schema that are kept: `true` for all that a key holds, else the keys below it. */
export interface Kept {
  readonly [key: string]: true | Kept;
}

/** As much of a schema (OpenAPI v3) as is cut. */
interface Schema {
  readonly type?: string;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** A definition as a module has it. */
export interface Definition {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: { readonly kind: string; readonly plural: string; readonly singular: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

/** @throws Error when the schema lacks a key that is kept, or requires one that is not */
function picked(schema: Schema, kept: Kept, path: string): Schema {
  const { properties = {}, required = [] } = schema;
  const missing = required.find((key) => !(key in kept));
  if (missing) throw new Error(`${path}.${missing}: the schema requires it, so it has to be kept`);
  const unknown = Object.keys(kept).find((key) => !properties[key]);
  if (unknown) throw new Error(`${path}.${unknown}: the schema has no such key`);
  const entries = Object.entries(properties).flatMap(([key, own]): [string, Schema][] => {
    const wanted = kept[key];
    if (wanted === undefined) return [];
    if (wanted === true) return [[key, own]];
    const below = (one: Schema) => picked(one, wanted, `${path}.${key}`);
    return [[key, own.type === "array" && own.items ? { ...own, items: below(own.items) } : below(own)]];
  });
  return { ...schema, properties: Object.fromEntries(entries) };
}

/**
 * The part of a definition that the manifests use: one version, and of its spec the keys that are kept, unchanged. The spec's rules in
 * CEL go, because they speak of keys that are gone.
 *
 * @throws Error when the definition lacks that version or a key, or requires a key that is not kept
 */
export function cut({ apiVersion, kind, metadata: { name }, spec }: Definition, version: string, kept: Kept): object {
  const found = spec.versions.find((one) => one.name === version);
  if (!found) throw new Error(`${name} has no version ${version}`);
  const { required, properties, ...schema } = found.schema.openAPIV3Schema;
  const { "x-kubernetes-validations": _, ...own } = picked(properties?.spec ?? {}, kept, `${name}: spec`) as Record<string, unknown>;
  const openAPIV3Schema = { ...schema, properties: { spec: own }, ...(required ? { required: ["spec"] } : {}) };
  const { kind: ofIt, plural, singular } = spec.names;
  return {
    apiVersion,
    kind,
    metadata: { name },
    spec: {
      group: spec.group,
      scope: spec.scope,
      names: { kind: ofIt, plural, singular },
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}
