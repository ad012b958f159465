import type { Inventory } from "../../cluster/apply/inventory.ts";
import { readInventory } from "../../cluster/apply/inventory-store.ts";
import { countsOf, type Presence, presence } from "../../cluster/apply/presence.ts";
import { lossIn } from "../../cluster/backup/warning.ts";
import { type KubeObject, nameOf, type Ref, refOf } from "../../cluster/objects/kube-object.ts";
import type { Source } from "../../cluster/objects/manifests.ts";
import { look, type Standing } from "../../cluster/observe/watch.ts";
import { readRelease, type Underway } from "../../cluster/release/state.ts";
import { cluster } from "../../messages/cluster.ts";
import { commands as words } from "../../messages/commands.ts";
import { release } from "../../messages/release.ts";
import { EXIT, type Io, json, line, painter } from "../io.ts";
import { type ClusterOptions, type Session, withSession } from "../session.ts";
import { standingLines, standingsJson } from "../standings.ts";

/** How much of the manifests was applied, by the record. */
export function appliedOf(inventory: Inventory | undefined, { digest }: Pick<Source, "digest">): keyof typeof words.applied {
  if (!inventory) return "nothing";
  // A down that came to its end leaves a record of what it has kept, and of nothing else.
  const onlyKept = inventory.objects.length > 0 && inventory.objects.every(({ kept }) => kept);
  if (inventory.digest === "") return onlyKept ? "removed" : "in part";
  return inventory.digest === digest ? "all" : "older";
}

/** What another program than this one has applied: how many of the manifests' objects, of how many, and by which ways. */
function elsewhere({ objects, others }: Presence, total: number): string | undefined {
  const ways = [...countsOf(objects).keys()].map((origin) => cluster.origins[origin] ?? origin).join(", ");
  if (ways) return words.elsewhere(objects.length, total, ways);
  return others.length > 0 ? words.otherVersion(others.map(({ ref }) => nameOf(ref)).join(", ")) : undefined;
}

/** What of the manifests was applied. */
interface State {
  readonly applied: keyof typeof words.applied | "elsewhere";
  /** Whether it was all of them. */
  readonly whole: boolean;
  readonly sentences: readonly string[];
}

/** By the record; where it names nothing, or not all, by what is in the cluster. */
async function stateOf({ client, discovery, source, name }: Session, wanted: readonly Ref[]): Promise<State> {
  const applied = appliedOf(await readInventory(client, source.namespace), source);
  const recorded = { applied, whole: applied === "all", sentences: [words.applied[applied](name)] };
  if (applied === "all" || applied === "older") return recorded;
  const found = await presence(client, discovery, wanted);
  const sentence = elsewhere(found, wanted.length);
  if (!sentence) return recorded;
  return { applied: "elsewhere", whole: found.objects.length === wanted.length, sentences: [sentence, words.compareThem()] };
}

/** What would lose all data with the machine, of an environment that is there. */
function lossOf(applied: State["applied"], objects: readonly KubeObject[]): string[] {
  const loss = applied === "nothing" ? undefined : lossIn(objects);
  return loss === undefined ? [] : [loss];
}

/** That a release is in progress. */
const releaseOf = ({ phase, application, since, weight }: Underway): string =>
  phase === "canary" ? release.underway(application, since, weight) : release.promoting(application, since);

/** What `status` has found. */
interface Status extends State {
  readonly standings: readonly Standing[];
  readonly up: boolean;
  readonly underway: Underway | undefined;
}

/** The state as text. */
function printStatus({ io, source }: Session, { applied, sentences, standings, underway }: Status): void {
  const paint = painter(io.stdout, io.env);
  for (const text of standings.flatMap((standing) => standingLines(standing, paint))) line(io.stdout, text);
  const release = underway ? [releaseOf(underway)] : [];
  for (const text of [...sentences, ...release, ...lossOf(applied, source.objects())]) line(io.stdout, text);
}

/** `cloudnova status`: exit code 0 only when all was applied, by whatever way, and is up. */
export function statusCommand(io: Io, name: string | undefined, options: ClusterOptions): Promise<number> {
  return withSession(io, name, options, async (session) => {
    const wanted = session.source.objects().map(refOf);
    const state = await stateOf(session, wanted);
    const { applied, whole } = state;
    const runs = applied !== "nothing" && applied !== "removed";
    const standings = runs ? await look(session.client, wanted) : [];
    const up = runs && standings.every(({ state }) => state === "ready");
    const underway = await readRelease(session.client, session.source.namespace);
    if (options.output === "json") {
      json(io, { environment: session.name, applied, up, workloads: standingsJson(standings), ...(underway && { release: underway }) });
    } else printStatus(session, { ...state, standings, up, underway });
    return up && whole ? EXIT.ok : EXIT.problem;
  });
}
