import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import { LANGUAGES, type Language } from "../language.ts";
import { environment as words } from "../messages/environment.ts";
import type { Meaning } from "./meaning.ts";
import { environmentSchema } from "./schema.ts";

type Path = readonly PropertyKey[];
type JsonSchema = { properties?: Record<string, JsonSchema>; propertyNames?: { enum?: string[] }; additionalProperties?: JsonSchema };

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
      const { [language]: description } = schema as Partial<Meaning>;
      for (const one of LANGUAGES) delete schema[one];
      if (description !== undefined) schema.description = description;
    },
  });
}

function keysAt(path: Path): string[] {
  let node: JsonSchema | undefined = jsonSchema() as JsonSchema;
  for (const part of path) node = node?.properties?.[String(part)] ?? node?.additionalProperties;
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

/** Keys under which people put secrets. */
const SECRET = /pass|token|secret|credential|key$|url$/i;

/** Says in words what zod found; a list because one issue can name several unknown keys. */
export function explain(issue: z.core.$ZodIssue, valueAt: (path: Path) => unknown): Explanation[] {
  const path = issue.path.map(String);
  const missing = valueAt(issue.path) === undefined ? words.missing : "";
  // An address or a token in the wrong place is still a secret.
  const hidden = path[0] === "alerting" && ["unrecognized_keys", "invalid_type"].includes(issue.code);
  const message = (text: string): Explanation[] => [{ path, hidden, message: `${missing}${text}` }];
  switch (issue.code) {
    case "unrecognized_keys": {
      const allowed = keysAt(issue.path);
      return issue.keys.map((key) => ({
        path: [...path, key],
        key: true,
        hidden,
        message: hidden && SECRET.test(key) ? words.noSecrets(choice(allowed)) : words.unknownKey(nearest(key, allowed), choice(allowed)),
      }));
    }
    case "invalid_value":
      return message(`${words.allowed(choice(issue.values))}${nearest(valueAt(issue.path), issue.values.map(String))}`);
    case "invalid_type":
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
