import { jsonSchema } from "../../src/config/explain.ts";
import { RESOURCES } from "../../src/config/resources.ts";
import { type Language, type Localized, pageName, pick } from "../../src/language.ts";
import { type Component, IMAGES, imageVersion, TESTED } from "../../src/versions.ts";

/** What the page reads of a JSON Schema. */
interface Schema {
  readonly description?: string;
  readonly deprecated?: boolean;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
  readonly propertyNames?: { readonly enum?: readonly string[] };
}

/** The page's own words in one language. */
interface Words {
  readonly lead: readonly string[];
  readonly head: readonly string[];
  /** Types of JSON Schema. @default the type's own name */
  readonly types: Readonly<Record<string, string>>;
  readonly list: (of: string) => string;
  /** What a list of groups of keys is of. */
  readonly groups: string;
  readonly between: (low: number, high: number) => string;
  readonly from: (low: number) => string;
  readonly valueFor: (names: string) => string;
  /** What a group of keys is whose names the user chooses. */
  readonly map: string;
  /** What stands for such a name in a path. */
  readonly name: string;
  readonly required: string;
  readonly resources: readonly string[];
  readonly component: string;
  readonly images: readonly string[];
  readonly imagesHead: readonly string[];
  readonly notRun: string;
  readonly registry: readonly string[];
  readonly mysql: (page: string) => readonly string[];
}

const WORDS: Localized<Words> = {
  en: {
    lead: [
      "# Environment files: every key",
      "",
      "[Español](configuration.es.md)",
      "",
      "Made by `npm run generate` from the schema (src/config/schema.ts); do not edit. An error names file, line and column of every wrong",
      "key or value. Editors complete the keys by `environments/schema.json`. `NAME` in a key is a name that you choose, and `[]` an entry of a list.",
    ],
    head: ["key", "meaning", "allowed", "default"],
    types: { boolean: "`true`, `false`", object: "group of keys" },
    list: (of) => `list of ${of}`,
    groups: "groups of keys",
    between: (low, high) => `${low} to ${high}`,
    from: (low) => `from ${low}`,
    valueFor: (names) => `a value for ${names}`,
    map: "entries by name",
    name: "NAME",
    required: "**required**",
    resources: [
      "## Memory and CPU",
      "",
      "The defaults of `resources`. The sample's memory grows with its `workers`, MySQL's with `database.bufferPool` and `database.maxConnections`.",
      "Your applications have their own key, `applications.NAME.resources`.",
    ],
    component: "component",
    images: [
      "## The images",
      "",
      "The tests run Debian sid's programs of the same upstream version, Traefik's own build and the application's own image. No image of",
      "a registry was run where this was made. Where a version differs, the last column says why.",
    ],
    imagesHead: ["component", "image", "version that the tests run", "why they differ"],
    notRun: "not run",
    registry: [
      "Docker Hub limits anonymous pulls by address, and the computers of a class or an office often share one. `registry` takes the images",
      "from another registry: a pull-through cache of your own, or a public mirror. It must have them at the same path (`library/` before those",
      "without an owner) and answer HTTPS without a login, because the pods have no pull secret; else log in on the nodes. On k3s, Traefik and",
      "the cluster's own pods come from where k3s' `registries.yaml` says.",
    ],
    mysql: (page) => [
      "`images.mysql` does more than name an image: data of an older series of MySQL are upgraded only when its tag names the new one",
      `([how](${page})).`,
    ],
  },
  es: {
    lead: [
      "# Archivos de entorno: todas las claves",
      "",
      "[English](configuration.md)",
      "",
      "Hecho con `npm run generate` a partir del esquema (src/config/schema.ts); no se edita. El mensaje de error dice archivo, línea y columna de",
      "cada clave o valor incorrecto. Los editores completan las claves con `environments/schema.json`. `NOMBRE` en una clave es un nombre que usted",
      "elige, y `[]` una entrada de una lista.",
    ],
    head: ["clave", "significado", "se admite", "por defecto"],
    types: { string: "texto", boolean: "`true`, `false`", integer: "número entero", object: "grupo de claves" },
    list: (of) => `lista de ${of}`,
    groups: "grupos de claves",
    between: (low, high) => `de ${low} a ${high}`,
    from: (low) => `desde ${low}`,
    valueFor: (names) => `un valor para ${names}`,
    map: "entradas por nombre",
    name: "NOMBRE",
    required: "**obligatoria**",
    resources: [
      "## Memoria y CPU",
      "",
      "Los valores usuales de `resources`. La memoria de la aplicación de ejemplo crece con sus `workers`, la de MySQL con `database.bufferPool` y",
      "`database.maxConnections`. Las aplicaciones de usted tienen su propia clave, `applications.NOMBRE.resources`.",
    ],
    component: "componente",
    images: [
      "## Las imágenes",
      "",
      "Las pruebas ejecutan los programas de Debian sid de la misma versión, Traefik en su propia compilación y la imagen de la aplicación. Donde",
      "se hizo esto no se ejecutó ninguna imagen de un registro. Donde una versión difiere, la última columna dice por qué.",
    ],
    imagesHead: ["componente", "imagen", "versión que ejecutan las pruebas", "por qué difieren"],
    notRun: "no se ejecuta",
    registry: [
      "Docker Hub limita las descargas anónimas por dirección, y los computadores de una clase o una oficina suelen compartir una. `registry` toma",
      "las imágenes de otro registro: una caché propia o un espejo público. Debe tenerlas en la misma ruta (`library/` antes de las que no tienen",
      "dueño) y responder por HTTPS sin inicio de sesión, porque los pods no tienen credenciales; si no, inicie sesión en los nodos. En k3s, Traefik",
      "y los pods del propio clúster vienen de donde diga el archivo `registries.yaml` de k3s.",
    ],
    mysql: (page) => [
      "`images.mysql` no solo nombra una imagen: los datos de una serie anterior de MySQL se actualizan solo cuando su etiqueta nombra la nueva",
      `([cómo](${page})).`,
    ],
  },
};

/** zod writes the bounds of a JavaScript integer where a schema names none. */
const bound = (value: number | undefined) => (value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? undefined : value);

function allowed({ enum: values, const: value, minimum, maximum, type, items, anyOf }: Schema, words: Words): string {
  if (values) return values.map((value) => `\`${value}\``).join(", ");
  if (value !== undefined) return `\`${value}\``;
  if (anyOf) return anyOf.map((one) => allowed(one, words)).join(", ");
  if (items) return words.list(items.properties ? words.groups : allowed(items, words));
  const [low, high] = [bound(minimum), bound(maximum)];
  if (low !== undefined && high !== undefined) return words.between(low, high);
  return low !== undefined ? words.from(low) : (words.types[type ?? ""] ?? type ?? "");
}

/** The values of a map from names to them. */
const entryOf = ({ additionalProperties }: Schema): Schema | undefined =>
  typeof additionalProperties === "object" ? additionalProperties : undefined;

/** The group of keys among what a key may be. */
const groupOf = (schema: Schema): Schema | undefined => (schema.properties ? schema : schema.anyOf?.find(({ properties }) => properties));

/** The names that a map may have, as code; undefined where the user chooses them. */
const namesOf = ({ propertyNames }: Schema): string | undefined => propertyNames?.enum?.map((name) => `\`${name}\``).join(", ");

const fallbackOf = (child: Schema, isRequired: boolean, words: Words): string =>
  child.default === undefined ? (isRequired ? words.required : "") : `\`${JSON.stringify(child.default)}\``;

/** The rows of one key: a group's heading and what is in it, or one row. */
function keyRows(here: string, child: Schema, isRequired: boolean, words: Words): string[] {
  const heading = (what: string, fallback = " ") => `| **${here}** | ${child.description ?? ""} | ${what} |${fallback}|`;
  const group = child.deprecated ? undefined : groupOf(child);
  if (group) return [heading(child.anyOf ? allowed(child, words) : ""), ...rows(group, here, words)];
  if (child.items?.properties) return [heading(allowed(child, words), " `[]` "), ...rows(child.items, `${here}[]`, words)];
  const entry = entryOf(child);
  const names = namesOf(child);
  if (entry?.properties) return [heading(names ? words.valueFor(names) : words.map), ...rows(entry, `${here}.${words.name}`, words)];
  const values = names ? words.valueFor(names) : allowed(entry ?? child, words);
  const key = entry && !names ? `${here}.${words.name}` : here;
  return [`| \`${key}\` | ${child.description ?? ""} | ${values} | ${fallbackOf(child, isRequired, words)} |`];
}

function rows({ properties = {}, required = [] }: Schema, path: string, words: Words): string[] {
  return Object.entries(properties).flatMap(([key, child]) => keyRows(path ? `${path}.${key}` : key, child, required.includes(key), words));
}

/** What each component asks for and may use by default. */
const resourceRows = (): string[] =>
  Object.entries(RESOURCES).map(
    ([name, { memory, memoryLimit, cpu, cpuLimit }]) => `| \`${name}\` | ${memory} | ${memoryLimit} | ${cpu} | ${cpuLimit} |`,
  );

/** The images, with the version that the tests run where it is another one. */
function imageRows(language: Language): string[] {
  return (Object.entries(IMAGES) as [Component, string][]).map(([name, image]) => {
    const { version, why } = TESTED[name] ?? { version: imageVersion(image).replace(/^v/, ""), why: undefined };
    return `| \`${name}\` | \`${image}\` | ${version ?? pick(WORDS, language).notRun} | ${why ? pick(why, language) : ""} |`;
  });
}

/** docs/configuration.md: every key of an environment file, from the schema that reads it. */
export function configurationPage(language: Language): string {
  const words = pick(WORDS, language);
  return [
    ...words.lead,
    "",
    `| ${words.head.join(" | ")} |`,
    "|---|---|---|---|",
    ...rows(jsonSchema(language) as Schema, "", words),
    "",
    ...words.resources,
    "",
    `| ${words.component} | \`memory\` | \`memoryLimit\` | \`cpu\` | \`cpuLimit\` |`,
    "|---|---|---|---|---|",
    ...resourceRows(),
    "",
    ...words.images,
    "",
    `| ${words.imagesHead.join(" | ")} |`,
    "|---|---|---|---|",
    ...imageRows(language),
    "",
    ...words.registry,
    "",
    ...words.mysql(pageName("mysql-upgrade", language)),
    "",
  ].join("\n");
}
