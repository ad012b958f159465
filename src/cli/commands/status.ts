import type { Inventory } from "../../cluster/inventory.ts";
import type { Source } from "../../cluster/manifests.ts";
import { refOf } from "../../cluster/objects.ts";
import { readInventory } from "../../cluster/store.ts";
import { look } from "../../cluster/watch.ts";
import { commands as words } from "../../messages/commands.ts";
import { EXIT, type Io, json, line, painter } from "../io.ts";
import { type ClusterOptions, withSession } from "../session.ts";
import { standingLines, standingsJson } from "../standings.ts";

/** How much of the manifests was applied, by the record. */
export function appliedOf(inventory: Inventory | undefined, { digest }: Pick<Source, "digest">): keyof typeof words.applied {
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
      line(io.stdout, words.applied[applied](environment));
    }
    return up && applied === "all" ? EXIT.ok : EXIT.problem;
  });
}
