import { readFacts } from "../../cluster/doctor/facts.ts";
import { examine } from "../../cluster/doctor/index.ts";
import type { Finding } from "../../cluster/finding.ts";
import { findingLine, findingsSummary } from "../findings.ts";
import { EXIT, type Io, json, line, painter } from "../io.ts";
import { type ClusterOptions, type Session, withSession } from "../session.ts";

/** Examines the cluster within a session, and tells each finding. */
export async function doctorIn({ io, client, environment, source }: Session, output: ClusterOptions["output"]): Promise<Finding[]> {
  const { config } = await environment();
  const findings = examine(await readFacts(client, config, source.objects()));
  const paint = painter(io.stdout, io.env);
  if (output === "text") for (const finding of findings) line(io.stdout, findingLine(finding, paint));
  return findings;
}

/** `cloudnova doctor` */
export function doctorCommand(io: Io, name: string | undefined, options: ClusterOptions): Promise<number> {
  return withSession(io, name, options, async (session) => {
    const findings = await doctorIn(session, options.output);
    if (options.output === "json") json(io, { environment: session.name, findings });
    else line(io.stdout, findingsSummary(findings));
    return findings.some(({ state }) => state === "problem") ? EXIT.problem : EXIT.ok;
  });
}
