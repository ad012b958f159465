import type { Config } from "../../config/resolve.ts";
import { cluster as words } from "../../messages/cluster.ts";
import { ClusterError } from "../cluster-error.ts";
import { type KubeObject, refOf } from "../objects/kube-object.ts";
import { namespacesIn } from "../objects/manifests.ts";
import { workingSets } from "../observe/kubelet.ts";
import { look } from "../observe/watch.ts";
import type { Client } from "../transport/client.ts";
import { readyPods } from "../transport/forward.ts";
import { askThrough, connects, isOwnAddress } from "../transport/ingress-client.ts";
import { OURS } from "../transport/live-objects.ts";
import { readSecret } from "../transport/secret.ts";
import { openTunnel } from "../transport/tunnel.ts";
import { ingressAddress } from "./ingress-address.ts";
import type { Subject } from "./subject.ts";

/** Log lines that are looked through for a request of ours. */
const LOG_LINES = 500;

/** The running cluster, for the checks. @param address where the ingress is reached. @default see ingressAddress */
export async function liveSubject(
  client: Client,
  config: Config,
  manifests: readonly KubeObject[],
  { address, thorough }: { readonly address?: string; readonly thorough: boolean },
): Promise<Subject> {
  const { namespace, ingress } = config;
  const { http, https } = ingress.ports;
  const at = address ?? client.connection.ingress ?? (await ingressAddress(client, config));
  const list = async (path: string): Promise<KubeObject[]> =>
    client.expect(await client.send({ path }), words.list(path.split("/").at(-1)?.split("?")[0] ?? "")).body.items ?? [];
  const namespaces = namespacesIn(manifests);
  const ours = async (kind: string) => {
    const each = await Promise.all(namespaces.map((one) => list(`/api/v1/namespaces/${one}/${kind}?labelSelector=${OURS}`)));
    return each.flat();
  };
  const nodes = () => list("/api/v1/nodes");
  const ready = async (component: string) => readyPods(await list(`/api/v1/namespaces/${namespace}/pods?labelSelector=${OURS}`), component);
  const pod = (name: string) => `/api/v1/namespaces/${namespace}/pods/${name}`;
  return {
    config,
    manifests,
    thorough,
    ingress: { address: at, host: ingress.host, httpPort: http, httpsPort: https },
    standings: () => look(client, manifests.map(refOf)),
    pods: () => ours("pods"),
    nodes,
    services: () => ours("services"),
    workingSets: async () => {
      const names = (await nodes()).map(({ metadata }) => metadata.name);
      return workingSets(client, names, namespaces);
    },
    mayEnd: async (component) => {
      const budget = await client.find(
        `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets/${component}`,
        words.budget(component),
      );
      return budget?.status?.disruptionsAllowed ?? 0;
    },
    evict: async (name) => {
      const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
      const answer = await client.send({ method: "POST", path: `${pod(name)}/eviction`, body });
      return answer.status < 400 ? undefined : (answer.body?.message ?? String(answer.status));
    },
    log: async (name, container) =>
      String(
        client.expect(await client.send({ path: `${pod(name)}/log?container=${container}&tailLines=${LOG_LINES}` }), words.log(name)).body,
      ),
    inside: async (component, port, path, headers) => {
      return Promise.all(
        (await ready(component)).map(async ({ metadata }) =>
          askThrough(await openTunnel(client, namespace, metadata.name, port), path, { headers }),
        ),
      );
    },
    secret: (name, key, from = namespace) => readSecret(client, from, name, key),
    reach: async (component, port) => {
      const [first] = await ready(component);
      if (!first) throw new ClusterError(words.noReadyPod(component), words.seeStatus);
      return openTunnel(client, namespace, first.metadata.name, port);
    },
    connects: async (port) => (isOwnAddress(at) ? undefined : connects(at, port)),
  };
}
