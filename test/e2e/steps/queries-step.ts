import type { Step } from "../suite/step.ts";

/** Every panel, choice and rule asked on the live cluster; by now each of them has had its minutes. */
export const QUERIES: Step = {
  name: "no dead panel",
  expects: "every query of every panel, choice and rule has data, but those that are listed with a reason",
  run: async (stage) => {
    const said = await stage.must("queries", "--output", "json");
    const { counts, excusedShare }: { counts: { kind: string; all: number; alive: number }[]; excusedShare: number } = JSON.parse(said);
    const words = counts.map(({ kind, all, alive }) => `${alive} of ${all} queries of ${kind}s`).join(", ");
    return `with data: ${words}; ${(100 * excusedShare).toFixed(1)} % of what dashboards show is excused`;
  },
};
