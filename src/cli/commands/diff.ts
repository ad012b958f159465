import { type Difference, diff, isDifference } from "../../cluster/apply/diff.ts";
import { otherEnvironment, readInventory } from "../../cluster/apply/inventory-store.ts";
import { nameOf } from "../../cluster/objects/kube-object.ts";
import { commands as words } from "../../messages/commands.ts";
import { EXIT, type Io, json, line, type Paint, painter } from "../io.ts";
import { asJson, resultLine, summary } from "../results.ts";
import { type ClusterOptions, withSession } from "../session.ts";

export interface DiffOptions extends ClusterOptions {
  readonly forceConflicts?: boolean;
  readonly full?: boolean;
}

function coloured(text: string, paint: Paint): string {
  if (text.startsWith("@@")) return paint("cyan", text);
  if (text.startsWith("+")) return paint("green", text);
  return text.startsWith("-") ? paint("red", text) : text;
}

/** A difference as text. */
export function differenceText(difference: Difference, paint: Paint): string {
  const will = words.will[difference.outcome];
  if (!will) return resultLine(difference, paint);
  const head = paint("bold", `${nameOf(difference.ref)} ${will}`);
  const lines = difference.lines.map((text) => coloured(text, paint));
  return lines.length > 0 ? [head, ...lines, ""].join("\n") : head;
}

/** `cloudnova diff`: exit code 1 for a difference; 2 when the server refuses an object, so that what it would become is unknown. */
export function diffCommand(io: Io, name: string | undefined, options: DiffOptions): Promise<number> {
  return withSession(io, name, options, async ({ client, discovery, source, name: environment }) => {
    const { forceConflicts: force = false, full = false } = options;
    const found = await diff(client, discovery, source, { environment, force, adopt: true, full });
    const other = otherEnvironment(await readInventory(client, source.namespace), environment);
    if (other) line(io.stderr, words.comparedWith(source.namespace, other));
    const paint = painter(io.stdout, io.env);
    const differences = found.filter(isDifference);
    if (options.output === "json") json(io, { environment, differences: asJson(found) });
    else {
      for (const one of found) line(io.stdout, differenceText(one, paint));
      line(io.stdout, differences.length === 0 ? words.noDifference : summary(found));
    }
    if (differences.some(({ outcome }) => outcome === "conflict" || outcome === "refused")) return EXIT.notCompared;
    return differences.length === 0 ? EXIT.ok : EXIT.difference;
  });
}
