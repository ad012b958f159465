/** A JSON schema, or a part of one. */
export type Schema = { readonly [key: string]: unknown };

const DEFINITION = /#\/\$defs\/(.+)$/;

/**
 * One kind's schema with everything that it refers to, in one file: kubeconform cannot follow references into the
 * common file of definitions that the published schemas use. Descriptions are left out: they are most of the size.
 *
 * @param definitions all definitions by name
 * @throws Error when a reference leads nowhere
 */
export function flatten(kind: Schema, definitions: Readonly<Record<string, Schema>>): Schema {
  const needed = new Map<string, unknown>();
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, part]) => {
        // A description is text; a property may be called so, and then it is an object.
        if (key === "description" && typeof part === "string") return [];
        return [[key, key === "$ref" ? refer(String(part)) : resolve(part)]];
      }),
    );
  };
  const refer = (reference: string): string => {
    const name = DEFINITION.exec(reference)?.[1] ?? "";
    const definition = definitions[name];
    if (!definition) throw new Error(`${reference} leads nowhere: the schemas are not of the form that this was written for`);
    if (!needed.has(name)) {
      needed.set(name, undefined); // taken before it is resolved, since definitions may refer to themselves
      needed.set(name, resolve(definition));
    }
    return `#/$defs/${name}`;
  };
  return { ...(resolve(kind) as Schema), $defs: Object.fromEntries(needed) };
}

/**
 * The schema of a custom resource in the strict form of the built-in kinds: a field that is not declared is an error,
 * unless the definition wants it kept.
 */
export function strictCrdSchema(schema: Schema): Schema {
  const strict = strictly(schema) as Schema & { properties?: Schema };
  const head = { apiVersion: { type: "string" }, kind: { type: "string" }, metadata: { type: "object" } };
  return { ...strict, properties: { ...strict.properties, ...head } };
}

function strictly(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strictly);
  if (typeof value !== "object" || value === null) return value;
  const schema = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, strictly(part)])) as Record<string, unknown>;
  // Only a schema has both; a map of properties has no type that is a string.
  const isObject = schema.type === "object" && typeof schema.properties === "object";
  if (isObject && schema.additionalProperties === undefined && !schema["x-kubernetes-preserve-unknown-fields"])
    schema.additionalProperties = false;
  return schema;
}

/** File name that kubeconform looks for: `deployment-apps-v1.json`, `service-v1.json`, `ingress-networking-v1.json`. */
export function schemaFile(apiVersion: string, kind: string): string {
  const [group = "", version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  return `${[kind, group.split(".")[0], version].filter(Boolean).join("-").toLowerCase()}.json`;
}
