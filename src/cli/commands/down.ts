import { down } from "../../cluster/down.ts";
import { askForName } from "../confirm.ts";
import { EXIT, type Io, json, line, painter } from "../io.ts";
import { asJson, resultLine, summary } from "../results.ts";
import { type ClusterOptions, type Session, withSession } from "../session.ts";

export interface DownOptions extends ClusterOptions {
  readonly deleteData?: boolean;
  readonly yes?: boolean;
  readonly timeout: number;
}

/** Asks for the environment's name. */
function confirm(session: Session, deleteData: boolean): Promise<void> {
  const what = deleteData ? "everything of it AND ALL ITS DATA" : "everything of it; its data stays";
  const place = `Namespace ${session.source.namespace} of context '${session.client.connection.context}'`;
  return askForName(session, `${place}: delete ${what}.`, "nothing was deleted");
}

/** `cloudnova down` */
export function downCommand(io: Io, argument: string | undefined, options: DownOptions): Promise<number> {
  return withSession(io, argument, options, async (session) => {
    const { client, discovery, source, name: environment } = session;
    const { deleteData = false, timeout } = options;
    if (!options.yes) await confirm(session, deleteData);
    const paint = painter(io.stdout, io.env);
    const results = await down(
      client,
      discovery,
      { environment, namespace: source.namespace, deleteData, timeoutMs: timeout * 1000 },
      {
        removed: (result) => {
          if (options.output === "text") line(io.stdout, resultLine(result, paint));
        },
        note: (words) => line(io.stderr, words),
      },
    );
    if (options.output === "json") json(io, { environment, objects: asJson(results ?? []) });
    else line(io.stdout, results ? summary(results) : `nothing of '${environment}' is in this cluster`);
    return results?.some(({ outcome }) => outcome === "refused" || outcome === "conflict") ? EXIT.problem : EXIT.ok;
  });
}
