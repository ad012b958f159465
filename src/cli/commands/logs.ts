import type { KubeObject } from "../../cluster/objects/kube-object.ts";
import { namespacesIn } from "../../cluster/objects/manifests.ts";
import { followLogs } from "../../cluster/observe/follow.ts";
import { type LogSource, logSources, readLogs } from "../../cluster/observe/logs.ts";
import { OURS } from "../../cluster/transport/live-objects.ts";
import { cluster as words } from "../../messages/cluster.ts";
import { type Colour, EXIT, type Io, line, painter } from "../io.ts";
import { type ClusterOptions, withSession } from "../session.ts";

export interface LogsOptions extends ClusterOptions {
  readonly component?: string;
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly tail: number;
  readonly since?: number;
}

const COLOURS: readonly Colour[] = ["cyan", "green", "yellow", "bold"];

/** `cloudnova logs` */
export function logsCommand(io: Io, name: string | undefined, options: LogsOptions): Promise<number> {
  return withSession(io, name, options, async ({ client, source }) => {
    const { component, follow = false, previous = false, tail, since } = options;
    const namespaces = namespacesIn(source.objects());
    const list = async () => {
      const pods: KubeObject[] = [];
      for (const name of namespaces) {
        const answer = await client.send({ path: `/api/v1/namespaces/${name}/pods?labelSelector=${OURS}` });
        pods.push(...(client.expect(answer, words.podsIn(name)).body.items ?? []));
      }
      return pods;
    };
    const paint = painter(io.stdout, io.env);
    const heads: string[] = [];
    const head = ({ pod, container }: LogSource) => `${pod}/${container}`;
    const painted = (logSource: LogSource) => {
      const text = head(logSource);
      if (!heads.includes(text)) heads.push(text);
      return paint(COLOURS[heads.indexOf(text) % COLOURS.length] ?? "bold", text);
    };
    const said = (logSource: LogSource, text: string) =>
      line(io.stdout, options.output === "json" ? JSON.stringify({ ...logSource, text }) : `${painted(logSource)} ${text}`);
    const silent = (logSource: LogSource, why: string) => line(io.stderr, `${head(logSource)}: ${why}`);
    const wanted = { previous, tail, since };
    // The output of a run that has ended cannot be followed.
    if (follow && !previous)
      await followLogs(client, list, component, wanted, { line: said, silent, note: (text) => line(io.stderr, text) });
    else await readLogs(client, logSources(await list(), component), wanted, said, silent);
    return EXIT.ok;
  });
}
