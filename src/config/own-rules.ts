import { readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { z } from "zod";
import { own as words } from "../messages/own-rules.ts";
import { parseSource } from "./document.ts";
import { EnvironmentError, type Problem } from "./errors.ts";
import { explain } from "./explain.ts";
import { MOST_BYTES } from "./imported.ts";
import { duration, label } from "./units.ts";

/** What YAML reads as a number or a truth value is a text for Prometheus. */
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const texts = z.record(z.string().regex(/^[a-zA-Z_]\w*$/, { error: () => words.labelName }), text);

const alert = z.strictObject({
  alert: z.string().min(1),
  expr: text,
  for: duration.optional(),
  keep_firing_for: duration.optional(),
  labels: texts.optional(),
  annotations: texts.optional(),
});

const recording = z.strictObject({
  record: z.string().regex(/^[a-zA-Z_:][\w:]*$/, { error: () => words.metricName }),
  expr: text,
  labels: texts.optional(),
});

/** A file of rules as Prometheus 3.5 reads it (model/rulefmt): what it does not know it refuses, and then it loads no rule at all. */
const fileSchema = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string().min(1),
      interval: duration.optional(),
      query_offset: duration.optional(),
      limit: z.int().min(0).optional(),
      labels: texts.optional(),
      rules: z.array(z.union([alert, recording], { error: () => words.rule })),
    }),
  ),
});

/** A group of rules of the user's. */
export type OwnGroup = z.output<typeof fileSchema>["groups"][number];

/** A file of rules of the user's that an environment names. */
export interface OwnRules {
  /** Of its ConfigMap: the file's name without its ending. */
  readonly name: string;
  /** The file as it was read. */
  readonly file: string;
  readonly groups: readonly OwnGroup[];
  /** Problems of its rules, with line and column. @param index of the group, and of the rule in it */
  readonly locate: (group: number, rule: number, message: string) => Problem;
}

/** The file of the user's rules, as an environment names it. @param environment file of the environment */
export const ownRulesFile = (environment: string, named: string): string => resolve(dirname(environment), named);

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new EnvironmentError(file, [{ path: "", message: words.cannotRead((error as NodeJS.ErrnoException).code ?? "") }]);
  }
}

/**
 * Reads a file of rules of the user's.
 *
 * @param named path from the environment file's folder
 * @throws EnvironmentError that names each place in that file where it is wrong
 */
export function readOwnRules(environment: string, named: string): OwnRules {
  const file = ownRulesFile(environment, named);
  const fail = (message: string): never => {
    throw new EnvironmentError(file, [{ path: "", message }]);
  };
  const source = readText(file);
  if (Buffer.byteLength(source) > MOST_BYTES) fail(words.tooLarge(MOST_BYTES));
  const name = basename(file).replace(/(\.rules)?\.ya?ml$/, "");
  if (!label.safeParse(name).success) fail(words.fileName(name));
  const { data, valueAt, locate } = parseSource(source, file);
  const parsed = fileSchema.safeParse(data);
  if (!parsed.success) {
    const found = parsed.error.issues.flatMap((issue) => explain(issue, valueAt, fileSchema));
    throw new EnvironmentError(file, found.map(locate));
  }
  const { groups } = parsed.data;
  const twice = groups.findIndex((group, index) => groups.slice(0, index).some((other) => other.name === group.name));
  if (twice >= 0) {
    throw new EnvironmentError(file, [locate({ path: ["groups", String(twice), "name"], message: words.groupTwice })]);
  }
  return {
    name,
    file,
    groups,
    locate: (group, rule, message) => locate({ path: ["groups", String(group), "rules", String(rule), "expr"], message }),
  };
}
