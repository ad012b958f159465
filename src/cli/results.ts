import type { Applied } from "../cluster/apply/applied.ts";
import { nameOf } from "../cluster/objects/kube-object.ts";
import { commands as words } from "../messages/commands.ts";
import type { Colour, Paint } from "./io.ts";

const COLOURS: Readonly<Record<string, Colour>> = {
  created: "green",
  changed: "yellow",
  pruned: "red",
  deleted: "red",
  unchanged: "dim",
  kept: "cyan",
  conflict: "red",
  refused: "red",
  "not applied": "red",
};

/** The outcome for one object, for a table or a log. */
export interface Result {
  readonly ref: Applied["ref"];
  readonly outcome: string;
  readonly message?: string;
  readonly advice?: string;
}

/** One line for an object, and one for the next step where there is one. */
export function resultLine({ ref, outcome, message, advice }: Result, paint: Paint): string {
  const head = `${paint(COLOURS[outcome] ?? "bold", (words.outcomes[outcome] ?? outcome).padEnd(11))} ${nameOf(ref)}`;
  return `${head}${message ? `: ${message}` : ""}${advice ? `\n            → ${advice}` : ""}`;
}

/** `58 objects: 2 created, 1 changed, 55 unchanged`, in this order. */
export function summary(results: readonly Result[]): string {
  const counts = Object.keys(COLOURS)
    .map((outcome) => [results.filter((result) => result.outcome === outcome).length, outcome] as const)
    .filter(([count]) => count > 0)
    .map(([count, outcome]) => words.counted(count, words.outcomes[outcome] ?? outcome));
  return `${words.objects(results.length)}${counts.length > 0 ? `: ${counts.join(", ")}` : ""}`;
}

/** The results for `--output json`. */
export const asJson = (results: readonly Result[]) => results.map(({ ref, ...rest }) => ({ ...ref, ...rest }));
