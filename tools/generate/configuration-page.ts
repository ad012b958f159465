import { type Component, IMAGES, imageVersion, TESTED } from "../../src/versions.ts";

/** What the page reads of a JSON Schema. */
interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly propertyNames?: { readonly enum?: readonly string[] };
}

/** zod writes the bounds of a JavaScript integer where a schema names none. */
const bound = (value: number | undefined) => (value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? undefined : value);

function allowed({ enum: values, minimum, maximum, type, items }: Schema): string {
  if (values) return values.map((value) => `\`${value}\``).join(", ");
  if (items) return `list of ${allowed(items)}`;
  const [low, high] = [bound(minimum), bound(maximum)];
  if (low !== undefined && high !== undefined) return `${low} to ${high}`;
  return low !== undefined ? `from ${low}` : (type ?? "");
}

function rows(schema: Schema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const here = path ? `${path}.${key}` : key;
    if (child.properties) return [`| **${here}** | ${child.description ?? ""} | | |`, ...rows(child, here)];
    const names = child.propertyNames?.enum;
    const values = names ? `a value for ${names.map((name) => `\`${name}\``).join(", ")}` : allowed(child);
    const fallback =
      child.default === undefined ? (schema.required?.includes(key) ? "**required**" : "") : `\`${JSON.stringify(child.default)}\``;
    return [`| \`${here}\` | ${child.description ?? ""} | ${values} | ${fallback} |`];
  });
}

/** The images, with the version that the tests run where it is another one. */
function imageRows(): string[] {
  return (Object.entries(IMAGES) as [Component, string][]).map(([name, image]) => {
    const { version, why } = TESTED[name] ?? { version: imageVersion(image).replace(/^v/, ""), why: "" };
    return `| \`${name}\` | \`${image}\` | ${version ?? "not run"} | ${why} |`;
  });
}

/** docs/configuration.md: every key of an environment file, from the schema that reads it. */
export function configurationPage(schema: object): string {
  return [
    "# Environment files: every key",
    "",
    "Made by `npm run generate` from the schema (src/config/schema.ts); do not edit. Every wrong key or value is told with",
    "file, line and column. Editors complete the keys by `environments/schema.json`.",
    "",
    "| key | meaning | allowed | default |",
    "|---|---|---|---|",
    ...rows(schema as Schema, ""),
    "",
    "## The images",
    "",
    "The tests run Debian sid's programs of the same upstream version, Traefik's own build and the application's own image. No image of",
    "a registry was run where this was made. Where a version differs, the last column says why.",
    "",
    "| component | image | version that the tests run | why they differ |",
    "|---|---|---|---|",
    ...imageRows(),
    "",
    "Docker Hub limits anonymous pulls by address, and the computers of a class or an office often share one. `registry` takes the images",
    "from another registry: a pull-through cache of your own, or a public mirror. It must have them at the same path (`library/` before those",
    "without an owner) and answer HTTPS without a login, because the pods have no pull secret; else log in on the nodes. On k3s, Traefik and",
    "the cluster's own pods come from where k3s' `registries.yaml` says.",
    "",
    "`images.mysql` does more than name an image: data of an older series of MySQL are upgraded only when its tag names the new one",
    "([how](mysql-upgrade.md)).",
    "",
  ].join("\n");
}
