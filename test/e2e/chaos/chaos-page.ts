import { median } from "../../../tools/bench/measure.ts";
import { provenance } from "../suite/suite-report.ts";
import type { Fault } from "./fault.ts";
import { type Result, type Run, summaryOf } from "./run.ts";

const seconds = (ms: number) => (ms / 1000).toFixed(1);

/** Median, least and most of times in ms, in seconds. */
const spread = (times: readonly number[]) => `${seconds(median(times))} (${seconds(Math.min(...times))} to ${seconds(Math.max(...times))})`;

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");

function row({ name, does }: Pick<Fault, "name" | "does">, results: readonly Result[]): string {
  const sum = (count: (result: Result) => number) => results.reduce((total, result) => total + count(result), 0);
  const counts = [
    sum(({ acknowledged }) => acknowledged),
    sum(({ lost }) => lost),
    sum(({ doubled }) => doubled),
    sum(({ takenBack }) => takenBack),
    sum(({ oomKills }) => oomKills),
    results.filter(({ failure }) => failure !== undefined).length,
  ];
  return `| ${name} | ${does} | ${results.length} | ${spread(results.map(({ pause }) => pause))} | ${counts.join(" | ")} |`;
}

/** A table with a line for each kind of fault that happened. */
export function table(catalogue: readonly Pick<Fault, "name" | "does">[], results: readonly Result[]): string[] {
  const rows = catalogue.flatMap((fault) => {
    const own = results.filter((result) => result.fault === fault.name);
    return own.length > 0 ? [row(fault, own)] : [];
  });
  return [
    "| fault | what is done | times | seconds without an acknowledged write | acknowledged | lost | doubled | taken back | OOM kills | otherwise |",
    "|---|---|---|---|---|---|---|---|---|---|",
    ...rows,
  ];
}

/** What was seen beside the counts: each sentence with how often. */
function seen(results: readonly Result[]): string[] {
  const told = results.flatMap(({ fault, saw, failure }) => [
    ...(saw ? [`${fault}: ${saw}`] : []),
    ...(failure ? [`**${fault}: ${failure}**`] : []),
  ]);
  return [...new Set(told)].map((text) => `- ${told.filter((other) => other === text).length} × ${cell(text)}`);
}

/** The page of a run. */
export async function page(catalogue: readonly Fault[], run: Run): Promise<string> {
  const restarts = run.outOfMemory.length > 0 ? run.outOfMemory.join(", ") : "none";
  return [
    "# A long run of random faults",
    "",
    "Written by `npm run chaos`; do not edit.",
    "",
    await provenance(),
    `kind, one node of 1,700 MiB with its control plane. Repeat it: \`npm run chaos -- --faults ${run.planned} --seed ${run.seed}\`.`,
    "",
    `**${summaryOf(run)}**`,
    "",
    `A writer adds users through the ingress all the time, each with a name of its own: ${run.sent} were sent, ${run.acknowledged} were`,
    `answered 201. After each fault, once writes are acknowledged again, a checker reads the table by SQL on mysqld's socket and compares:`,
    `${run.present} were there at the end, and the rest a restore had taken back. Before the first fault it had to find a planted loss and a planted double.`,
    "",
    ...table(catalogue, run.results),
    "",
    "- *seconds without an acknowledged write*: the longest such time of each fault, as median, least and most. It has in it how long the",
    "  fault itself lasts, and the kubelet's pause before it starts a container again that has ended before within ten minutes: 1 s. That",
    "  is set for this run; by default it is 10, 20, 40 s and so on, up to five minutes.",
    "- *taken back*: acknowledged after a backup was begun, and before its restore had ended. No other write may be missing.",
    "- *otherwise*: faults after which a command did not do what it must.",
    `- Containers ended for want of memory: ${restarts}.`,
    "",
    ...(seen(run.results).length > 0 ? ["## Seen", "", ...seen(run.results), ""] : []),
    "## Not in it",
    "",
    "- A power cut: `docker kill` ends every process, but what they had handed to the kernel is written.",
    "- A wrong clock: the images hold no libfaketime, and their file systems are read-only.",
    "- A full disk of the node: it is the disk of the machine that runs the suite.",
    "",
  ].join("\n");
}
