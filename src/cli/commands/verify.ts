import { askThrough } from "../../cluster/entrance.ts";
import type { Finding } from "../../cluster/finding.ts";
import { readyPods } from "../../cluster/forward.ts";
import { OURS } from "../../cluster/live.ts";
import { type KubeObject, refOf } from "../../cluster/objects.ts";
import { openTunnel } from "../../cluster/tunnel.ts";
import { verify } from "../../cluster/verify/index.ts";
import type { Subject } from "../../cluster/verify/subject.ts";
import { look } from "../../cluster/watch.ts";
import { findingLine, findingsSummary } from "../findings.ts";
import { EXIT, type Io, json, line, painter } from "../io.ts";
import { type ClusterOptions, type Session, withSession } from "../session.ts";

export interface VerifyOptions extends ClusterOptions {
  readonly address?: string;
}

/** Where the entrance is reached: on this machine for clusters that live on it, else at the first node. */
async function addressOf({ client }: Session, cluster: string): Promise<string> {
  if (cluster !== "k3s") return "127.0.0.1";
  const { body } = client.expect(await client.send({ path: "/api/v1/nodes" }), "list of the nodes");
  const addresses: { type: string; address: string }[] = body.items[0]?.status?.addresses ?? [];
  return (
    (addresses.find(({ type }) => type === "ExternalIP") ?? addresses.find(({ type }) => type === "InternalIP"))?.address ?? "127.0.0.1"
  );
}

async function subjectOf(session: Session, address: string | undefined): Promise<Subject> {
  const { client, source, environment } = session;
  const { config } = await environment();
  const { namespace, ingress, facts } = config;
  const { http, https } = facts.publicPorts(ingress.nodePorts);
  const list = async (kind: string): Promise<KubeObject[]> =>
    client.expect(await client.send({ path: `/api/v1/namespaces/${namespace}/${kind}?labelSelector=${OURS}` }), `list of ${kind}`).body
      .items;
  return {
    config,
    entrance: { address: address ?? (await addressOf(session, config.cluster)), host: ingress.host, httpPort: http, httpsPort: https },
    standings: () => look(client, source.objects().map(refOf)),
    pods: () => list("pods"),
    services: () => list("services"),
    inside: async (component, port, path, headers) => {
      const pods = readyPods(await list("pods"), component);
      return Promise.all(
        pods.map(async ({ metadata }) => askThrough(await openTunnel(client, namespace, metadata.name, port), path, headers)),
      );
    },
    secret: async (name, key) => {
      const found = await client.find(`/api/v1/namespaces/${namespace}/secrets/${name}`, `Secret ${name}`);
      return found?.data?.[key] && Buffer.from(found.data[key], "base64").toString();
    },
  };
}

/** Runs all checks within a session, and tells each as it ends. */
export async function verifyIn(session: Session, options: VerifyOptions): Promise<Finding[]> {
  const paint = painter(session.io.stdout, session.io.env);
  return verify(await subjectOf(session, options.address), (finding) => {
    if (options.output === "text") line(session.io.stdout, findingLine(finding, paint));
  });
}

/** `cloudnova verify` */
export function verifyCommand(io: Io, name: string | undefined, options: VerifyOptions): Promise<number> {
  return withSession(io, name, options, async (session) => {
    const findings = await verifyIn(session, options);
    if (options.output === "json") json(io, { environment: session.name, findings });
    else line(io.stdout, findingsSummary(findings));
    return findings.some(({ state }) => state === "problem") ? EXIT.problem : EXIT.ok;
  });
}
