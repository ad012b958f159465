import { withLease } from "../../cluster/apply/lease.ts";
import { ClusterError } from "../../cluster/cluster-error.ts";
import { refuseDuringRelease } from "../../cluster/release/state.ts";
import { ROTATABLE, type Rotatable } from "../../cluster/rotate/rotatable.ts";
import { cluster as lease } from "../../messages/cluster.ts";
import { rotate as words } from "../../messages/rotate.ts";
import { agrees } from "../confirm.ts";
import { EXIT, type Io, json, line } from "../io.ts";
import { type ClusterOptions, withSession } from "../session.ts";

export interface RotateOptions extends ClusterOptions {
  readonly yes?: boolean;
  /** Seconds. */
  readonly timeout: number;
}

/** `cloudnova rotate` */
export function rotateCommand(
  io: Io,
  what: Rotatable,
  argument: string | undefined,
  names: readonly string[],
  options: RotateOptions,
): Promise<number> {
  return withSession(io, argument, options, async ({ client, source, name: environment, signal }) => {
    const { namespace } = source;
    await refuseDuringRelease(client, namespace);
    const { changed, restarted, lost, work } = await ROTATABLE[what]({ client, objects: source.objects(), namespace, names });
    const note = (text: string) => line(io.stderr, text);
    note(words.changes(changed.join(", "), client.connection.context));
    if (restarted.length > 0) note(words.restarts(restarted.join(", ")));
    if (lost) note(lost);
    if (!options.yes && !(await agrees(io, signal, words.go, words.addYes))) throw new ClusterError(words.nothing);
    const waiting = (holder: string, since: string) => note(lease.waiting(holder, since));
    await withLease(client, namespace, waiting, () => work({ client, note, timeoutMs: options.timeout * 1000 }));
    if (options.output === "json") json(io, { environment, changed, restarted });
    return EXIT.ok;
  });
}
