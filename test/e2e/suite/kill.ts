import type { Stage } from "./stage.ts";
import { until } from "./wait.ts";

const pidsOf = async (stage: Stage, name: string) => (await stage.inNode(`pgrep --exact ${name}`)).trim();

/** Kills programs of the node itself, as a crash would. @throws Error when one does not come back */
export async function killInside(stage: Stage, ...names: readonly string[]): Promise<void> {
  const pids = () => Promise.all(names.map((name) => pidsOf(stage, name)));
  const before = await pids();
  for (const name of names) await stage.inNode(`pkill --signal KILL --exact ${name}`);
  await until(`${names.join(" and ")} run again`, 30, async () => {
    const now = await pids();
    return now.every((pid, index) => pid !== before[index]) || undefined;
  });
}
