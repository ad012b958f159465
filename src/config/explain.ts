import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import { LANGUAGES, type Language, type Text } from "../language.ts";
import { environment as words } from "../messages/environment.ts";
import { environmentSchema } from "./schema.ts";

type Path = readonly PropertyKey[];
type JsonSchema = {
  properties?: Record<string, JsonSchema>;
  propertyNames?: { enum?: string[] };
  additionalProperties?: JsonSchema | false;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
};

/** Where a problem is, and what to say of it. */
export interface Explanation {
  readonly path: readonly string[];
  /** Whether the key itself is wrong, so that its name is the place to point at and not its value. */
  readonly key?: boolean;
  /** Whether the value may be a secret, which no terminal and no log of a pipeline must show. */
  readonly hidden?: boolean;
  readonly message: string;
}

/** The environment's JSON Schema (draft 2020-12), with descriptions in one language: for editors, pages, and the keys that an error names. */
export function jsonSchema(language: Language = "en"): Record<string, unknown> {
  return z.toJSONSchema(environmentSchema, {
    io: "input",
    override: ({ jsonSchema: schema }) => {
      const { [language]: description } = schema as Partial<Text>;
      for (const one of LANGUAGES) delete schema[one];
      if (description !== undefined) schema.description = description;
    },
  });
}

/** The group of keys among what a schema allows. */
const groupOf = (node: JsonSchema | undefined): JsonSchema | undefined => node?.anyOf?.find(({ properties }) => properties) ?? node;

function keysAt(path: Path, schema: z.ZodType): string[] {
  let node = groupOf(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema);
  for (const part of path) node = groupOf(node?.properties?.[String(part)] ?? node?.items ?? (node?.additionalProperties || undefined));
  return node?.propertyNames?.enum ?? Object.keys(node?.properties ?? {});
}

const choice = (values: readonly unknown[]) => values.map(String).join(", ");

/** A hint where a value looks like a slip: at most every third letter is another. */
export function nearest(value: unknown, allowed: readonly string[]): string {
  if (typeof value !== "string" || allowed.length === 0) return "";
  const candidate = closest(value, [...allowed]);
  return distance(value, candidate) <= Math.max(1, value.length / 3) ? words.didYouMean(candidate) : "";
}

function bound(issue: z.core.$ZodIssue & { code: "too_small" | "too_big" }): string {
  const unit = words.units[issue.origin] ?? "";
  return issue.code === "too_small" ? words.atLeast(String(issue.minimum), unit) : words.atMost(String(issue.maximum), unit);
}

/** The page that says where the secrets of a group of keys belong. */
const PAGES: Readonly<Record<string, string>> = {
  alerting: "alerting",
  backups: "backups",
  database: "guides/scaling",
  monitoring: "guides/scaling",
};

/** Keys under which people put secrets. */
const SECRET = /pass|token|secret|credential|key$|url$/i;

/** Whether a value in the wrong place may be a secret: an address or a token of a receiver, a variable or a secret of an application. */
function mayBeSecret(path: readonly string[], code: string | undefined): boolean {
  const [first, second, group, name = ""] = path;
  const holdsNone = first === "alerting" || first === "backups" || second === "external" || second === "remoteWrite";
  if (holdsNone) return code === "unrecognized_keys" || code === "invalid_type";
  return first === "applications" && (group === "secrets" || (group === "env" && SECRET.test(name)));
}

/** Whether a form is one of a union that the value has: its own problems lie deeper, or are keys that it does not know. */
const isMeant = (issues: readonly z.core.$ZodIssue[]) => issues.every(({ code, path }) => path.length > 0 || code === "unrecognized_keys");

/**
 * Says in words what zod found; a list because one issue can name several unknown keys.
 *
 * @param schema of the file. @default an environment's
 */
export function explain(issue: z.core.$ZodIssue, valueAt: (path: Path) => unknown, schema: z.ZodType = environmentSchema): Explanation[] {
  const path = issue.path.map(String);
  const missing = valueAt(issue.path) === undefined ? words.missing : "";
  const hidden = mayBeSecret(path, issue.code);
  const message = (text: string): Explanation[] => [{ path, hidden, message: `${missing}${text}` }];
  switch (issue.code) {
    case "unrecognized_keys": {
      const allowed = keysAt(issue.path, schema);
      return issue.keys.map((key) => ({
        path: [...path, key],
        key: true,
        hidden,
        message:
          hidden && SECRET.test(key)
            ? words.noSecrets(PAGES[path[0] ?? ""] ?? "alerting", choice(allowed))
            : words.unknownKey(nearest(key, allowed), choice(allowed)),
      }));
    }
    case "invalid_value":
      return message(`${words.allowed(choice(issue.values))}${nearest(valueAt(issue.path), issue.values.map(String))}`);
    case "invalid_key":
      return [{ path, key: true, hidden, message: words.expected(issue.issues[0]?.message ?? issue.message) }];
    case "invalid_union": {
      const meant = issue.errors.find(isMeant);
      if (meant) return meant.flatMap((inner) => explain({ ...inner, path: [...issue.path, ...inner.path] }, valueAt, schema));
      return message(words.expected(issue.message));
    }
    case "invalid_type":
      if (path[0] === "applications" && path[2] === "secrets" && path.length === 4) return message(words.secretInFile);
      // A schema with words of its own says more than the type.
      return message(
        words.expected(issue.message.startsWith("Invalid input") ? (words.types[issue.expected] ?? issue.expected) : issue.message),
      );
    case "too_small":
    case "too_big":
      return message(bound(issue));
    default:
      return message(words.expected(issue.message));
  }
}
