import { type Applied, isTrouble } from "../../cluster/apply/applied.ts";
import { type ApplyEvents, apply } from "../../cluster/apply/index.ts";
import { commands as words } from "../../messages/commands.ts";
import { EXIT, type Io, json, line, painter } from "../io.ts";
import { asJson, resultLine, summary } from "../results.ts";
import { type ClusterOptions, type Session, withSession } from "../session.ts";
import { standingsJson } from "../standings.ts";
import { waitIn } from "../waiting.ts";

export interface ApplyOptions extends ClusterOptions {
  readonly forceConflicts?: boolean;
  readonly adopt?: boolean;
  readonly full?: boolean;
  readonly wait?: boolean;
  readonly timeout: number;
  /** Whether it is a release's own. */
  readonly releasing?: boolean;
}

/** Progress output: each object as it is applied, for people; nothing on standard output for programs. */
export function applyEvents({ io }: Session, output: ClusterOptions["output"]): ApplyEvents {
  const paint = painter(io.stdout, io.env);
  return {
    applied: (result) => {
      if (output === "text") line(io.stdout, resultLine(result, paint));
    },
    note: (words) => line(io.stderr, words),
  };
}

/** Applies an environment's manifests within a session. @param sent may hold up each next stage; see ApplyEvents */
export function applyIn(session: Session, options: ApplyOptions, sent?: ApplyEvents["sent"]): Promise<Applied[]> {
  const { client, discovery, name, source } = session;
  const { forceConflicts: force = false, adopt = false, full = false, releasing = false } = options;
  return apply(
    client,
    discovery,
    source,
    { environment: name, force, adopt, full, releasing },
    { ...applyEvents(session, options.output), sent },
  );
}

/** The result of an apply, in one sentence. */
export function verdict(results: readonly Applied[]): string {
  if (results.some(isTrouble)) return `${summary(results)}. ${words.leftAsItWas}`;
  const idle = results.every(({ outcome }) => outcome === "unchanged" || outcome === "kept");
  return `${summary(results)}${idle ? `: ${words.nothingChanged}` : ""}`;
}

/** `cloudnova apply` */
export function applyCommand(io: Io, name: string | undefined, options: ApplyOptions): Promise<number> {
  return withSession(
    io,
    name,
    options,
    async (session) => {
      const results = await applyIn(session, options);
      if (options.output === "text") line(io.stdout, verdict(results));
      const failed = results.some(isTrouble);
      const standings = options.wait && !failed ? await waitIn(session, options) : [];
      if (options.output === "json") {
        json(io, { environment: session.name, objects: asJson(results), ...(options.wait ? { workloads: standingsJson(standings) } : {}) });
      }
      return failed || standings.some(({ state }) => state !== "ready") ? EXIT.problem : EXIT.ok;
    },
    { wantsName: true },
  );
}
