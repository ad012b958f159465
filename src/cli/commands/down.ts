import { down } from "../../cluster/apply/down.ts";
import { refOf } from "../../cluster/objects/kube-object.ts";
import { commands as words } from "../../messages/commands.ts";
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
  const what = deleteData ? words.everythingAndData : words.everything;
  return askForName(session, words.deletes(session.source.namespace, session.client.connection.context, what), words.nothingDeleted);
}

/** `cloudnova down` */
export function downCommand(io: Io, argument: string | undefined, options: DownOptions): Promise<number> {
  return withSession(
    io,
    argument,
    options,
    async (session) => {
      const { client, discovery, source, name: environment } = session;
      const { deleteData = false, timeout } = options;
      if (!options.yes) await confirm(session, deleteData);
      const paint = painter(io.stdout, io.env);
      const results = await down(
        client,
        discovery,
        { environment, namespace: source.namespace, wanted: source.objects().map(refOf), deleteData, timeoutMs: timeout * 1000 },
        {
          removed: (result) => {
            if (options.output === "text") line(io.stdout, resultLine(result, paint));
          },
          note: (text) => line(io.stderr, text),
        },
      );
      if (options.output === "json") json(io, { environment, objects: asJson(results ?? []) });
      else line(io.stdout, results ? summary(results) : words.absent(environment));
      return results?.some(({ outcome }) => outcome === "refused" || outcome === "conflict") ? EXIT.problem : EXIT.ok;
    },
    { wantsName: true },
  );
}
