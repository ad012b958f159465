import { structuredPatch } from "diff";
import { dump } from "js-yaml";
import { cluster as words } from "../../messages/cluster.ts";
import { type KubeObject, keyOf, nameOf, type Ref, refOf } from "../objects/kube-object.ts";
import type { Source } from "../objects/manifests.ts";
import type { Client } from "../transport/client.ts";
import { concurrently } from "../transport/concurrently.ts";
import { WIDTH } from "../transport/connection.ts";
import type { Discovery } from "../transport/discovery.ts";
import { comparable } from "./comparable.ts";
import { isKept } from "./inventory.ts";
import { unnamedUpgrade } from "./mysql-upgrade.ts";
import { plan } from "./plan.ts";
import { placeOf, pruneDecision } from "./prune.ts";
import { explainRefusal } from "./refusal.ts";
import { type SendOptions, sendObject } from "./send.ts";
import { isAutoscaler, withoutLeftBehind } from "./takeover.ts";

/** What an apply would do to one object. */
export interface Difference {
  readonly ref: Ref;
  readonly outcome: "created" | "changed" | "pruned" | "kept" | "conflict" | "refused";
  /** The lines that differ, as `diff -u` writes them. */
  readonly lines: readonly string[];
  readonly message?: string;
  readonly advice?: string;
}

/** Whether an apply would change the object, or be refused. */
export const isDifference = ({ outcome }: Difference): boolean => outcome !== "kept";

export interface DiffOptions {
  readonly environment: string;
  readonly force: boolean;
  readonly adopt: boolean;
  readonly full: boolean;
}

/** Asks the server what an apply would change, without changing it. Objects that stay as they are, are not among the answers. */
export async function diff(client: Client, discovery: Discovery, source: Source, options: DiffOptions): Promise<Difference[]> {
  const { live, pending, removed: departed, kept } = await plan(client, discovery, source, options);
  const ours = new Set(pending.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name));
  const autoscalersLeft = new Set(departed.filter(isAutoscaler).map(({ namespace }) => namespace));
  const found = await concurrently(pending, WIDTH, (object) => {
    const sendOptions = { force: options.force, dryRun: true, autoscalerLeft: autoscalersLeft.has(object.metadata.namespace) };
    return compare(client, discovery, object, live, ours, sendOptions);
  });
  for (const ref of departed) {
    const { decision } = await pruneDecision(client, await placeOf(discovery, ref), ref, true);
    if (decision === "delete") found.push({ ref, outcome: "pruned", lines: [] });
    else if (decision !== "gone") found.push({ ref, outcome: "kept", lines: [], message: decision.keep });
  }
  found.push(...kept.filter(isKept).map((ref): Difference => ({ ref, outcome: "kept", lines: [], message: words.holdsData })));
  return found.filter((one) => one !== undefined);
}

async function compare(
  client: Client,
  discovery: Discovery,
  object: KubeObject,
  live: ReadonlyMap<string, KubeObject>,
  namespaces: ReadonlySet<string>,
  sendOptions: SendOptions,
): Promise<Difference | undefined> {
  const ref = refOf(object);
  const known = live.get(keyOf(ref));
  const upgrade = unnamedUpgrade(object, known);
  if (upgrade) return { ref, lines: [], ...upgrade };
  const { answer, takenOver } = await sendObject(client, discovery, object, known, sendOptions);
  const { status, body } = answer;
  // A dry run creates no namespace, so nothing can be tried in one that is not there yet.
  const missing = status === 404 && body?.details?.kind === "namespaces" && namespaces.has(ref.namespace ?? "");
  if (missing || status === 201) return { ref, outcome: "created", lines: changedLines("", yaml(object)) };
  if (status === 401) client.expect({ status, body, warnings: [] }, nameOf(ref));
  if (status >= 400) return { ref, lines: [], ...explainRefusal(status, body, ref, client.connection.context) };
  const before = known ?? (await client.find(await discovery.path(ref), nameOf(ref)));
  const after = takenOver ? withoutLeftBehind(body) : body;
  const lines = changedLines(before ? yaml(before) : "", yaml(after));
  return lines.length > 0 ? { ref, outcome: "changed", lines } : undefined;
}

/** An object as YAML; keys sorted, for the server and a manifest order them differently. */
const yaml = (object: KubeObject): string => dump(comparable(object), { sortKeys: true, lineWidth: -1, noRefs: true });

/** More changed lines than this are shown as one replacement: finding what they have in common takes their number squared. */
const MOST_EDITS = 1000;

/** The changed lines of two texts with three lines around each, under `@@` headers as `diff -u` has them; empty when nothing differs. */
export function changedLines(before: string, after: string): string[] {
  const patch = structuredPatch("", "", before, after, "", "", { context: 3, maxEditLength: MOST_EDITS });
  const all = (mark: string, text: string) =>
    text
      .split("\n")
      .slice(0, -1)
      .map((line) => `${mark}${line}`);
  const [old, fresh] = [all("-", before), all("+", after)];
  const whole = { oldStart: 1, oldLines: old.length, newStart: 1, newLines: fresh.length, lines: [...old, ...fresh] };
  return (patch?.hunks ?? [whole]).flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines,
  ]);
}
