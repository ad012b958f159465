import { release as words } from "../../messages/release.ts";
import { FILE_KEY, READ_HEADER, readHost } from "../../release/objects.ts";
import { ClusterError, Interrupted } from "../cluster-error.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { RELEASE_MANAGER } from "../objects/managers.ts";
import type { Client } from "../transport/client.ts";
import { type Forward, forwardTo, pickReady } from "../transport/forward.ts";
import { ask } from "../transport/ingress-client.ts";
import { nudge } from "../transport/nudge.ts";
import { until } from "../transport/until.ts";

/** The container port of Traefik's HTTPS, ours and k3s'. */
const HTTPS = 8443;
const TRAEFIK = "traefik";
/** How long Traefik may take to read the file: where the kubelet does not look at once, up to 75 s were seen. */
const READ_MS = 150_000;
const POLL_MS = 500;
/** On Traefik's pods, so that the kubelet looks at their ConfigMap at once. */
const NUDGE = "cloudnova.dev/release";

/** The ConfigMap of Traefik's file provider. @throws ClusterError when the manifests have none */
function configMapOf(objects: readonly KubeObject[]): KubeObject {
  const found = objects.find(({ kind, data }) => kind === "ConfigMap" && data?.["cloudnova.yaml"] !== undefined);
  if (!found) throw new ClusterError(words.noTraefik);
  return found;
}

/** The way of visitors: Traefik's file of a release, and requests through Traefik. */
export class Traffic {
  private constructor(
    private readonly client: Client,
    private readonly configMap: KubeObject,
    private readonly door: Forward,
  ) {}

  /** @param objects the environment's manifests @throws ClusterError when no Traefik is ready */
  static async open(client: Client, objects: readonly KubeObject[]): Promise<Traffic> {
    const configMap = configMapOf(objects);
    const { namespace = "" } = configMap.metadata;
    const target = { name: TRAEFIK, namespace, component: TRAEFIK, target: HTTPS };
    await pickReady(client, target);
    return new Traffic(client, configMap, await forwardTo(client, target, 0, pickReady));
  }

  close(): Promise<void> {
    return this.door.close();
  }

  /** One request by name, as a visitor sends it. @throws Error when no answer comes */
  get(host: string, path: string) {
    return ask({ address: "127.0.0.1", host, httpPort: 0, httpsPort: this.door.port }, path);
  }

  /**
   * Writes the release's file, or takes it away, and waits until Traefik has read it: an answer tells. The key is the release's own in a
   * ConfigMap whose other keys are not: applies, and Argo CD and Flux, leave fields alone that they did not set.
   *
   * @param text undefined: no file @param id of the release whose file it is @throws ClusterError when Traefik does not read it in time
   */
  async write(text: string | undefined, id: string): Promise<void> {
    const { name, namespace = "" } = this.configMap.metadata;
    await this.patch(`/api/v1/namespaces/${namespace}/configmaps/${name}`, { data: { [FILE_KEY]: text ?? null } });
    // Where it is refused, the kubelet looks within a minute or so.
    const pods = { name: TRAEFIK, namespace, component: TRAEFIK };
    await nudge(this.client, pods, { [NUDGE]: text === undefined ? `${id}-ends` : id }, RELEASE_MANAGER);
    const isRead = async () => {
      const { headers } = await this.get(readHost(id), "/");
      return (headers[READ_HEADER] === id) === (text !== undefined) || undefined;
    };
    const late = (): never => {
      throw new ClusterError(words.notRead(READ_MS / 1000), words.again());
    };
    const retries = (error: unknown) => !(error instanceof Interrupted);
    await until<boolean>(isRead, {
      limitMs: READ_MS,
      everyMs: POLL_MS,
      signal: this.client.signal,
      retries,
      late,
    });
  }

  private async patch(path: string, body: object): Promise<void> {
    const call = {
      method: "PATCH",
      path: `${path}?fieldManager=${RELEASE_MANAGER}`,
      body,
      contentType: "application/merge-patch+json",
    } as const;
    this.client.expect(await this.client.send(call), `ConfigMap ${this.configMap.metadata.name}`);
  }
}
