import { budgetTable, plannedBudget } from "../../budget.ts";
import { ClusterError } from "../../cluster/cluster-error.ts";
import { readFacts } from "../../cluster/doctor/facts.ts";
import { examine } from "../../cluster/doctor/index.ts";
import { inspectMachine, type LocalPort } from "../../cluster/doctor/local-check.ts";
import type { Finding } from "../../cluster/finding.ts";
import type { Config } from "../../config/resolve.ts";
import { doctor as words } from "../../messages/doctor.ts";
import { choose, readEnvironment } from "../choice.ts";
import { findingLine, findingsSummary } from "../finding-lines.ts";
import { interruptible } from "../interrupt.ts";
import { EXIT, type Io, json, line, painter } from "../io.ts";
import { type ClusterOptions, inSession, type Session, sourceOf } from "../session.ts";
import { forwardTargets } from "./open.ts";

export interface DoctorOptions extends ClusterOptions {
  /** Ask no cluster. */
  readonly offline?: boolean;
}

const examineThere = async ({ client, environment, source }: Session): Promise<Finding[]> =>
  examine(await readFacts(client, (await environment()).config, source.objects()));

/** Examines the cluster within a session, and prints each finding. */
export async function doctorIn(session: Session, output: ClusterOptions["output"]): Promise<Finding[]> {
  const findings = await examineThere(session);
  const paint = painter(session.io.stdout, session.io.env);
  if (output === "text") for (const finding of findings) line(session.io.stdout, findingLine(finding, paint));
  return findings;
}

/** The ports of this machine that the cluster and `open` are to have; each once. */
function portsHere(config: Config): LocalPort[] {
  const { http, https } = config.ingress.ports;
  const here = config.cluster === "k3s" ? [] : [http, https].map((port) => ({ port, what: words.ingress, cluster: true }));
  const doors = forwardTargets(config, []).map(({ name, port }) => ({ port, what: words.open(name) }));
  return [...here, ...doors.filter(({ port }) => here.every((one) => one.port !== port))];
}

/** `cloudnova doctor`: checks that need no cluster are printed also where there is none. */
export function doctorCommand(io: Io, argument: string | undefined, options: DoctorOptions): Promise<number> {
  return interruptible(async (signal) => {
    const choice = await choose({ env: io.env, stderr: io.stderr, signal }, argument, options, { offline: options.offline });
    const { config, name } = await readEnvironment(choice.environment, io.stderr);
    const manifests = (await sourceOf(choice.environment, options.dist, io.stderr)).objects();
    const budget = plannedBudget(config, manifests);
    const there = options.offline
      ? []
      : await inSession(io, signal, choice, options.dist, examineThere).catch((error: unknown): Finding[] => {
          if (!(error instanceof ClusterError)) throw error;
          return [{ check: "cluster", state: "problem", saw: error.message, advice: error.advice }];
        });
    const running = there.some(({ check }) => check === "version");
    const findings = [...(await inspectMachine(config, manifests, portsHere(config), running)), ...there];
    if (options.output === "json") json(io, { environment: name, budget, findings });
    else {
      const paint = painter(io.stdout, io.env);
      line(io.stdout, `${budgetTable(budget)}\n`);
      for (const finding of findings) line(io.stdout, findingLine(finding, paint));
      line(io.stdout, findingsSummary(findings));
    }
    return findings.some(({ state }) => state === "problem") ? EXIT.problem : EXIT.ok;
  });
}
