import { ClusterError } from "../../cluster/cluster-error.ts";
import { exec, type Run } from "../../cluster/transport/exec.ts";
import { pickReady } from "../../cluster/transport/forward.ts";
import type { Application } from "../../config/resolve-applications.ts";
import { type Copied, type Copy, TargetVolume } from "../../data/volumes.ts";
import { data as words } from "../../messages/data.ts";
import { agrees } from "../confirm.ts";
import { line } from "../io.ts";
import type { Session } from "../session.ts";

/** What runs in a ready pod of a component. */
export async function runner({ client }: Pick<Session, "client">, namespace: string, component: string, container: string): Promise<Run> {
  const [pod] = await pickReady(client, { name: component, namespace, component, target: 0 });
  const place = { namespace, pod: pod?.metadata.name ?? "", container };
  return (command, input) => exec(client, place, command, input);
}

/** An application's volumes during an import. */
export interface Volumes {
  /** Copies the files of all into folders beside those that are there. */
  receive(): Promise<void>;
  /** Puts them in their place, one volume after the other. */
  accepted(): AsyncGenerator<Copied>;
  /** Removes what an import that failed has received, after Ctrl-C too. @throws ClusterError where files of before are left away */
  discard(): Promise<void>;
}

/**
 * The volumes that an import fills, where that may be done: they are empty, or `--replace` is given and agreed to.
 *
 * @throws ClusterError where it may not
 */
export async function preparedVolumes(
  session: Session,
  { name, namespace }: Application,
  copies: readonly Copy[],
  { replace, yes }: { readonly replace?: boolean; readonly yes?: boolean },
): Promise<Volumes> {
  const { io, signal } = session;
  const run = copies.length > 0 ? await runner(session, namespace, name, name) : undefined;
  const targets = run ? copies.map((copy) => ({ copy, target: new TargetVolume(run, copy, `${name}:${copy.path}`) })) : [];
  const full: string[] = [];
  for (const { target } of targets) {
    const there = await target.amount();
    if (there.files > 0 && !replace) throw new ClusterError(words.volumeNotEmpty(target.where, there), words.notEmptyAdvice);
    if (there.files > 0) full.push(words.replacesFiles(target.where, there));
  }
  if (full.length > 0 && !yes) {
    for (const text of full) line(io.stderr, text);
    if (!(await agrees(io, signal, words.goOn, words.addYes))) throw new ClusterError(words.nothingChanged);
  }
  /** Does what Ctrl-C does not break off. */
  const quietly = async <T>(work: (run: Run) => Promise<T>): Promise<T> => {
    const client = session.client.withoutSignal();
    try {
      return await work(await runner({ client }, namespace, name, name));
    } finally {
      client.close();
    }
  };
  return {
    async receive() {
      for (const { copy, target } of targets) {
        line(io.stderr, words.copying(copy.source.name, copy.volume));
        await target.receive();
      }
    },
    async *accepted() {
      for (const { target } of targets) yield await quietly((run) => target.accept(run));
    },
    async discard() {
      for (const { target } of targets.filter((one) => one.target.state !== "untouched")) {
        try {
          await quietly((run) => target.discard(run));
        } catch (error) {
          // What was only received takes room, and the next import begins with its removal.
          if (target.state === "moving")
            throw new ClusterError(words.leftAway(target.where, (error as Error).message), words.leftAwayAdvice);
        }
      }
    },
  };
}
