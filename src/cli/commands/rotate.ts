import { withLease } from "../../cluster/apply/lease.ts";
import { ClusterError } from "../../cluster/cluster-error.ts";
import { accountsIn, accountsNamed } from "../../cluster/rotate/accounts.ts";
import { readersOf, refuseOwn, rotateAccounts } from "../../cluster/rotate/rotate.ts";
import { exec, type Run } from "../../cluster/transport/exec.ts";
import { pickReady } from "../../cluster/transport/forward.ts";
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

/** `cloudnova rotate database` */
export function rotateDatabaseCommand(
  io: Io,
  argument: string | undefined,
  names: readonly string[],
  options: RotateOptions,
): Promise<number> {
  return withSession(io, argument, options, async ({ client, source, name: environment, signal }) => {
    const all = accountsIn(source.objects());
    const accounts = accountsNamed(all, names);
    const { namespace } = source;
    await refuseOwn(client, accounts, all);
    const [pod] = await pickReady(client, { name: "mysql", namespace, component: "mysql", target: 0 });
    const place = { namespace, pod: pod?.metadata.name ?? "", container: "mysql" };
    const run: Run = (command, input) => exec(client, place, command, input);
    const note = (text: string) => line(io.stderr, text);

    const chosen = accounts.map(({ name }) => name);
    note(words.changes(chosen.join(", "), client.connection.context));
    const restarted = readersOf(accounts).map(({ metadata }) => metadata.name);
    if (restarted.length > 0) note(words.restarts(restarted.join(", ")));
    if (!options.yes && !(await agrees(io, signal, words.go, words.addYes))) throw new ClusterError(words.nothing);
    const waiting = (holder: string, since: string) => note(lease.waiting(holder, since));
    await withLease(client, namespace, waiting, () => rotateAccounts({ client, run, note, timeoutMs: options.timeout * 1000 }, accounts));
    if (options.output === "json") json(io, { environment, accounts: chosen, restarted });
    return EXIT.ok;
  });
}
