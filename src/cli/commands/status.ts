import type { Inventory } from "../../cluster/inventory.ts";
import type { Source } from "../../cluster/manifests.ts";
import { refOf } from "../../cluster/objects.ts";
import { readInventory } from "../../cluster/store.ts";
import { look } from "../../cluster/watch.ts";
import { EXIT, type Io, json, line, painter } from "../io.ts";
import { type ClusterOptions, withSession } from "../session.ts";
import { standingLines, standingsJson } from "../standings.ts";

const SENTENCES = {
  nothing: (environment: string) => `nothing of '${environment}' is in this cluster; bring it there with 'cloudnova up ${environment}'`,
  "in part": (environment: string) => `an apply was interrupted, or all was taken down; 'cloudnova apply ${environment}' completes it`,
  older: (environment: string) => `other manifests were applied last; see 'cloudnova diff ${environment}'`,
  all: (environment: string) => `the manifests of '${environment}' were applied in full`,
} as const;

/** How much of the manifests was applied, by the record. */
export function appliedOf(inventory: Inventory | undefined, { digest }: Pick<Source, "digest">): keyof typeof SENTENCES {
  if (!inventory) return "nothing";
  if (inventory.digest === "") return "in part";
  return inventory.digest === digest ? "all" : "older";
}

/** `cloudnova status`: exit code 0 only when all was applied and is up. */
export function statusCommand(io: Io, name: string | undefined, options: ClusterOptions): Promise<number> {
  return withSession(io, name, options, async ({ client, source, name: environment }) => {
    const applied = appliedOf(await readInventory(client, source.namespace), source);
    const standings = applied === "nothing" ? [] : await look(client, source.objects().map(refOf));
    const up = applied !== "nothing" && standings.every(({ state }) => state === "ready");
    if (options.output === "json") json(io, { environment, applied, up, workloads: standingsJson(standings) });
    else {
      const paint = painter(io.stdout, io.env);
      for (const text of standings.flatMap((standing) => standingLines(standing, paint))) line(io.stdout, text);
      line(io.stdout, SENTENCES[applied](environment));
    }
    return up && applied === "all" ? EXIT.ok : EXIT.problem;
  });
}
