import { cpus, loadavg } from "node:os";
import { elapsed } from "../../../tools/common/progress.ts";
import { output } from "../../../tools/common/run.ts";
import type { Outcome } from "./step.ts";

/** The sign of an outcome: as expected, with an incident, or failed. */
export const mark = ({ ok, incident }: Outcome): string => (!ok ? "✖" : incident === undefined ? "✔" : "⚠");

/** What was seen, an incident first. */
export const seenIn = ({ saw, incident }: Outcome): string => (incident === undefined ? saw : `${incident}; ${saw}`);

/** One line for the whole run; a step with an incident is not counted among those that went as expected. */
export function summary(outcomes: readonly Outcome[], planned: number): string {
  const failed = outcomes.filter(({ ok }) => !ok);
  const time = elapsed(outcomes.reduce((sum, { ms }) => sum + ms, 0));
  const incidents = outcomes.filter(({ incident }) => incident !== undefined);
  const told = incidents.map(({ step, incident }) => `; '${step.name}': ${incident}`).join("");
  if (failed.length === 0 && outcomes.length === planned) {
    if (incidents.length === 0) return `e2e: ${planned} steps, all as expected, ${time}`;
    return `e2e: ${planned} steps, ${planned - incidents.length} as expected, ${incidents.length} with an incident, ${time}${told}`;
  }
  return `e2e: ${failed.map(({ step }) => `'${step.name}'`).join(", ")} failed; ${outcomes.length} of ${planned} steps ran, ${time}${told}`;
}

/** When, of which commit, and on what machine, for a page of results. */
export async function provenance(): Promise<string> {
  const commit = (await output("git", ["rev-parse", "--short", "HEAD"])).trim();
  const changed = (await output("git", ["status", "--porcelain", "--untracked-files=no"])).trim() !== "";
  const time = new Date().toISOString().slice(0, 16).replace("T", " ");
  const load = loadavg()[0]?.toFixed(1);
  return [
    `${time} UTC, commit ${commit}${changed ? " with changes that were not committed" : ""},`,
    `${cpus().length} × ${cpus()[0]?.model} (load ${load} at the end), Node.js ${process.version}.`,
  ].join("\n");
}

/** The page of results: what ran, where, when, of which commit. @param of its title, and the command that writes it */
export async function page(
  { title, command }: { readonly title: string; readonly command: string },
  outcomes: readonly Outcome[],
  planned: number,
  how: string,
): Promise<string> {
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  const rows = outcomes.map(
    (outcome) =>
      `| ${mark(outcome)} | ${outcome.step.name} | ${outcome.step.expects} | ${cell(seenIn(outcome))} | ${elapsed(outcome.ms)} |`,
  );
  return [
    `# ${title}`,
    "",
    `Written by \`${command}\`; do not edit.`,
    "",
    `${await provenance()} ${how}`,
    "",
    `**${summary(outcomes, planned)}**`,
    "",
    "| | step | expected | seen | time |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
