import type { Finding } from "../../cluster/finding.ts";
import { verify } from "../../cluster/verify/index.ts";
import { liveSubject } from "../../cluster/verify/live-subject.ts";
import { verify as words } from "../../messages/verify.ts";
import { findingLine, findingsSummary, nameOf } from "../finding-lines.ts";
import { EXIT, type Io, json, line, painter } from "../io.ts";
import { type ClusterOptions, type Session, withSession } from "../session.ts";

export interface VerifyOptions extends ClusterOptions {
  readonly address?: string;
  /** Whether a pod of the application may be evicted, too. By default nothing is disturbed. */
  readonly thorough?: boolean;
  /** For how long failing checks are retried, s. @default 30 */
  readonly patience?: number;
}

/** Two scrapes, at the interval that environments mostly have: after that, what has just started is seen by Prometheus. */
const PATIENCE_S = 30;

/** Runs all checks within a session, and prints each as it ends. */
export async function verifyIn({ io, client, environment, source, signal }: Session, options: VerifyOptions): Promise<Finding[]> {
  const { address, thorough = false, patience = PATIENCE_S, output } = options;
  const { config } = await environment();
  const paint = painter(io.stdout, io.env);
  const findings = await verify(await liveSubject(client, config, source.objects(), { address, thorough }), {
    patienceMs: patience * 1000,
    signal,
    onAgain: (check) => line(io.stderr, words.again(nameOf(check))),
    onFinding: (finding) => {
      if (output === "text") line(io.stdout, findingLine(finding, paint));
    },
  });
  if (output === "text") line(io.stdout, findingsSummary(findings));
  return findings;
}

/** `cloudnova verify` */
export function verifyCommand(io: Io, name: string | undefined, options: VerifyOptions): Promise<number> {
  return withSession(
    io,
    name,
    options,
    async (session) => {
      const findings = await verifyIn(session, options);
      if (options.output === "json") json(io, { environment: session.name, findings });
      return findings.some(({ state }) => state === "problem") ? EXIT.problem : EXIT.ok;
    },
    { wantsName: options.thorough },
  );
}
