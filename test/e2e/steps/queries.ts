import type { Step } from "../suite/step.ts";

/** Rates over five minutes need that much past, so it stands after CALM, which waits for it. */
export const QUERIES: Step = {
  name: "no dead panel",
  expects: "every query of every panel, choice and rule has data, but for the listed ones",
  run: async (stage) =>
    (await stage.must("queries"))
      .split("\n")
      .filter(Boolean)
      .map((line) => line.trim())
      .join("; "),
};
