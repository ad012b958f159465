import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { ClusterError } from "../../cluster/errors.ts";
import { isTrouble } from "../../cluster/result.ts";
import { EXIT, type Io, json, line } from "../io.ts";
import { asJson } from "../results.ts";
import { withSession } from "../session.ts";
import { standingsJson } from "../standings.ts";
import { waitIn } from "../waiting.ts";
import { type ApplyOptions, applyIn, verdict } from "./apply.ts";
import { doctorIn } from "./doctor.ts";
import { verifyIn } from "./verify.ts";

export interface UpOptions extends ApplyOptions {
  readonly synth: boolean;
  readonly doctor: boolean;
  readonly verify: boolean;
  readonly address?: string;
}

/** Runs the synth program beside this one. @throws ClusterError when it fails; it has said why */
async function synth(io: Io, argument: string | undefined): Promise<void> {
  const program = join(dirname(process.argv[1] ?? ""), "synth.cjs");
  const args = [program, "--quiet", ...(argument ? [argument] : [])];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"], env: io.env as NodeJS.ProcessEnv });
  const code = await new Promise((resolve) => child.on("exit", resolve).on("error", resolve));
  if (code !== 0) throw new ClusterError("the manifests could not be written", "correct what is named above");
}

/** `cloudnova up`: doctor, synth, apply, wait, verify; each step only when the one before went well. */
export async function upCommand(io: Io, argument: string | undefined, options: UpOptions): Promise<number> {
  if (options.synth) await synth(io, argument ?? io.env.CLOUDNOVA_ENV);
  return withSession(io, argument, options, async (session) => {
    const report: Record<string, unknown> = { environment: session.name };
    const end = (code: number) => {
      if (options.output === "json") json(io, report);
      return code;
    };
    const { context, server } = session.client.connection;
    line(
      io.stderr,
      `plan: ${["doctor", "apply", "wait", "verify"].filter((step) => options[step as "doctor"] !== false).join(", ")} '${session.name}' on context '${context}' (${server})`,
    );
    if (options.doctor) {
      const findings = await doctorIn(session, options.output);
      report.doctor = findings;
      if (findings.some(({ state }) => state === "problem")) {
        line(io.stderr, "not applied: solve the problems above, or go on regardless with --no-doctor");
        return end(EXIT.problem);
      }
    }
    const applied = await applyIn(session, options);
    report.objects = asJson(applied);
    if (options.output === "text") line(io.stdout, verdict(applied));
    if (applied.some(isTrouble)) return end(EXIT.problem);
    const standings = await waitIn(session, options);
    report.workloads = standingsJson(standings);
    if (standings.some(({ state }) => state !== "ready")) return end(EXIT.problem);
    if (!options.verify) return end(EXIT.ok);
    const findings = await verifyIn(session, options);
    report.verify = findings;
    return end(findings.some(({ state }) => state === "problem") ? EXIT.problem : EXIT.ok);
  });
}
