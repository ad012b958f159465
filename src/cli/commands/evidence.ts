import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ClusterError, Interrupted } from "../../cluster/cluster-error.ts";
import type { Forward } from "../../cluster/transport/forward.ts";
import { isDuration, seconds } from "../../config/units.ts";
import { findBrowser, print } from "../../evidence/browser.ts";
import { collect } from "../../evidence/collect.ts";
import { type Evidence, part } from "../../evidence/model.ts";
import { evidencePage } from "../../evidence/page/index.ts";
import { evidence as say } from "../../messages/evidence.ts";
import { type EvidenceSourceOptions, evidenceSource } from "../evidence-source.ts";
import { EXIT, type Io, json, line } from "../io.ts";
import { withSession } from "../session.ts";

export interface EvidenceOptions extends EvidenceSourceOptions {
  readonly out: string;
  /** Write it as PDF as well, beside the page. */
  readonly pdf?: boolean;
}

/** The parts of the page that failed, each with its reason. */
export function gaps({ boards, ...parts }: Evidence): string[] {
  const failuresOf = (name: string, one: unknown): string[] =>
    typeof one === "object" && one !== null && "failed" in one ? [`${name}: ${one.failed}`] : [];
  return [
    ...Object.entries(parts).flatMap(([name, one]) => failuresOf(name, one)),
    ...boards.flatMap((one) => failuresOf("dashboard", one)),
  ];
}

/** Writes the page, and prints it as PDF where that is wanted; the files that are there, and what is missing. */
async function write(
  io: Io,
  evidence: Evidence,
  { out, pdf }: EvidenceOptions,
  signal: AbortSignal,
): Promise<{ files: string[]; missing: string[] }> {
  const page = resolve(out);
  mkdirSync(dirname(page), { recursive: true });
  writeFileSync(page, evidencePage(evidence));
  if (!pdf) return { files: [page], missing: [] };
  const paper = `${page.replace(/\.html?$/, "")}.pdf`;
  const printed = await part(async () => {
    const browser = findBrowser(io.env);
    if (!browser) throw new Error(say.noBrowser);
    await print(browser, pathToFileURL(page).href, paper, signal);
  });
  return "failed" in printed ? { files: [page], missing: [`PDF: ${printed.failed}`] } : { files: [page, paper], missing: [] };
}

/** `cloudnova evidence`: exit code 1 when a part failed or a check found a problem; the page is written all the same. */
export function evidenceCommand(io: Io, argument: string | undefined, options: EvidenceOptions): Promise<number> {
  if (!isDuration(options.range) || seconds(options.range) < 60) throw new ClusterError(say.range(options.range), say.rangeAdvice);
  return withSession(io, argument, options, async (session) => {
    const forwards: Forward[] = [];
    try {
      const evidence = await collect(await evidenceSource(session, options, forwards), (words) => line(io.stderr, `… ${words}`));
      if (session.signal.aborted) throw new Interrupted();
      const { files, missing } = await write(io, evidence, options, session.signal);
      const problems = "value" in evidence.findings ? evidence.findings.value.filter(({ state }) => state === "problem") : [];
      const troubles = [...gaps(evidence), ...missing, ...problems.map(({ check, saw }) => `${check}: ${saw}`)];
      if (options.output === "json") json(io, { environment: session.name, files, troubles });
      else for (const file of files) line(io.stdout, file);
      for (const text of options.output === "json" ? [] : troubles) line(io.stderr, `✖ ${text}`);
      return troubles.length > 0 ? EXIT.problem : EXIT.ok;
    } finally {
      await Promise.all(forwards.map((one) => one.close()));
    }
  });
}
