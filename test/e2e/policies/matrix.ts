import { expected, isOurs, type PodAt, type Table, type Target, tries } from "./expected.ts";

/**
 * What became of an attempt: `refused` by a reset or by an ICMP message, both of which policies may send; `dropped`, so that no answer
 * came in time; anything else is the attempt's own failure, in its words.
 */
export type Result = "open" | "refused" | "dropped" | `failed: ${string}`;

/** An attempt: from a pod's network namespace, or from the node itself, which no policy keeps from its pods. */
export interface Attempt {
  readonly source: PodAt | "node";
  readonly target: Target;
}

/** The attempts of every pod at every target, and of the node, which shows that the target listens. Own addresses of a pod are left out. */
export function attempts(sources: readonly PodAt[], targets: readonly Target[]): Attempt[] {
  const all: (PodAt | "node")[] = ["node", ...sources];
  return all.flatMap((source) =>
    targets.filter(({ address }) => source === "node" || address !== source.address).map((target) => ({ source, target })),
  );
}

/** How the attempts went, counted. */
export interface Verdict {
  /** Open ones from and to our pods. */
  readonly open: number;
  /** How many of those had to be open. */
  readonly allowed: number;
  /** Open ones between others, which no policy of ours decides. */
  readonly others: number;
  readonly shut: number;
  readonly refused: number;
  readonly dropped: number;
  /** Attempts that may have led back to the pod itself, which are not judged. */
  readonly itself: number;
  /** A sentence for each attempt that went otherwise than the table says: from, to and port, expected, found. */
  readonly differences: readonly string[];
}

const nameOf = (source: PodAt | "node") => (source === "node" ? source : `${source.namespace}/${source.name}`);

/** What is wrong with an attempt's result; undefined when nothing is. */
function difference({ source, target }: Attempt, wanted: boolean, found: Result): string | undefined {
  const right = wanted ? found === "open" : found === "refused" || found === "dropped";
  return right ? undefined : `from ${nameOf(source)} to ${target.name}: expected ${wanted ? "open" : "shut"}, found ${found}`;
}

/**
 * Compares what was found with the table.
 * @param results in the order of the attempts
 */
export function judge(table: Table, all: readonly Attempt[], results: readonly Result[]): Verdict {
  if (results.length !== all.length) throw new Error(`${results.length} results for ${all.length} attempts`);
  const judged = all.map((attempt, index) => {
    const { source, target } = attempt;
    const found = results[index] as Result;
    const wanted = source === "node" ? true : expected(table, source, target);
    const ours = source !== "node" && [source, ...target.endpoints.map(({ pod }) => pod)].some((pod) => pod && isOurs(table, pod));
    return { source, ours, found, wanted, differs: wanted === undefined ? undefined : difference(attempt, wanted, found) };
  });
  const fromPods = judged.filter(({ source }) => source !== "node");
  const count = (is: (one: (typeof judged)[number]) => boolean) => fromPods.filter(is).length;
  const refused = count(({ wanted, found }) => wanted === false && found === "refused");
  const dropped = count(({ wanted, found }) => wanted === false && found === "dropped");
  return {
    open: count(({ ours, wanted, found }) => ours && wanted === true && found === "open"),
    allowed: count(({ ours, wanted }) => ours && wanted === true),
    others: count(({ ours, wanted, found }) => !ours && wanted === true && found === "open"),
    shut: refused + dropped,
    refused,
    dropped,
    itself: count(({ wanted }) => wanted === undefined),
    differences: [...judged.map(({ differs }) => differs).filter((one) => one !== undefined), ...untried(table, all)],
  };
}

/** A sentence for each row of the table, at each of its ports, or at any where it has none, that no attempt has tried. */
function untried(table: Table, all: readonly Attempt[]): string[] {
  const pods = all.flatMap(({ source, target }) =>
    source === "node" || expected(table, source, target) === undefined ? [] : [{ source, target }],
  );
  return table.flows.flatMap((flow) =>
    (flow.ports.length === 0 ? [undefined] : flow.ports)
      .filter((port) => !pods.some(({ source, target }) => tries(table, flow, port, source, target)))
      .map((port) => `the row ${flow.from} → ${flow.to}:${port ?? "*"} was not tried: no such pod, or nothing listens there`),
  );
}
