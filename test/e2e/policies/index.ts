import { loadEnvironment } from "../../../src/config/load.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { type Examined, examine, tableOf, withStrangers } from "./policy-cluster.ts";
import { measureWindow } from "./window.ts";

/** The first differences are enough to see their kind. */
const MOST_NAMED = 20;

/** The counts in a sentence. @throws Error that names each difference by from, to, port, expected and found */
export function words({ engine, sources, targets, open, allowed, others, shut, refused, dropped, itself, differences }: Examined): string {
  if (differences.length > 0) {
    const more = differences.length > MOST_NAMED ? [`and ${differences.length - MOST_NAMED} more`] : [];
    throw new Error([`${differences.length} differences (${engine}):`, ...differences.slice(0, MOST_NAMED), ...more].join("\n  "));
  }
  const found = `${open} of ${allowed} open, ${shut} shut (${refused} refused, ${dropped} without an answer)`;
  const besides = `${others} open between others, ${itself} that may lead back to their own pod not judged`;
  return `${engine}: ${found}; ${besides}; ${sources} pods, ${targets} targets`;
}

/** Tries every connection of the environment's cluster as it is now. */
export async function matrix(stage: Stage): Promise<string> {
  const table = tableOf(loadEnvironment(stage.environment.file).config);
  return words(await withStrangers(stage, table, () => examine(stage, table)));
}

const PODS_MEASURED = 5;

/** NetworkPolicies are enforced as src/network.ts says. */
export const POLICIES: readonly Step[] = [
  {
    name: "policies: every connection between pods, Services, the node and outside",
    expects: "what src/network.ts allows is open; everything else is shut, also from other namespaces and with borrowed labels",
    run: matrix,
  },
  {
    name: "policies: a new pod",
    expects: "what is forbidden to it is shut within 2 s of its first instruction",
    full: true,
    run: async (stage) => {
      const { namespace } = loadEnvironment(stage.environment.file).config;
      const measured = await measureWindow(stage, namespace, PODS_MEASURED);
      return `${PODS_MEASURED} pods: open for ${measured.join(", ")} ms`;
    },
  },
];

/** For after a step that replaces every pod. */
export const POLICIES_AGAIN: Step = {
  name: "policies: after every pod was replaced",
  expects: "the same connections are open and shut as before",
  run: matrix,
};
