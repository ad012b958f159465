import { OURS } from "../../cluster/live.ts";
import { readLogs, type Speaker, speakers } from "../../cluster/logs.ts";
import type { KubeObject } from "../../cluster/objects.ts";
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
    const namespaces = source.objects().filter(({ kind }) => kind === "Namespace");
    const pods: KubeObject[] = [];
    for (const { metadata } of namespaces) {
      const answer = await client.send({ path: `/api/v1/namespaces/${metadata.name}/pods?labelSelector=${OURS}` });
      pods.push(...(client.expect(answer, `list of pods in ${metadata.name}`).body.items ?? []));
    }
    const from = speakers(pods, component);
    const paint = painter(io.stdout, io.env);
    const colourOf = (speaker: Speaker) => COLOURS[from.indexOf(speaker) % COLOURS.length] ?? "bold";
    const head = (speaker: Speaker) => `${speaker.pod}/${speaker.container}`;
    await readLogs(
      client,
      from,
      { follow, previous, tail, since },
      (speaker, text) =>
        line(
          io.stdout,
          options.output === "json" ? JSON.stringify({ ...speaker, text }) : `${paint(colourOf(speaker), head(speaker))} ${text}`,
        ),
      (speaker, why) => line(io.stderr, `${head(speaker)}: ${why}`),
    );
    return EXIT.ok;
  });
}
