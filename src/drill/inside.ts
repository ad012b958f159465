import { ClusterError, Interrupted } from "../cluster/cluster-error.ts";
import type { Client } from "../cluster/transport/client.ts";
import { type Forward, forwardTo, pickReady } from "../cluster/transport/forward.ts";
import { drillWords } from "../messages/drill.ts";

const TIMEOUT_MS = 15_000;

/** Asks components of the namespace over HTTP, each through a port-forward that is opened when it is first asked. */
export class Inside {
  private readonly open = new Map<string, Promise<Forward>>();

  constructor(
    private readonly client: Client,
    private readonly namespace: string,
  ) {}

  /** @throws ClusterError when the component does not answer  @throws Interrupted */
  async ask(component: string, target: number, path: string, options: RequestInit = {}): Promise<Response> {
    let problem = "";
    const door = { name: component, namespace: this.namespace, component, target };
    const key = `${component}:${target}`;
    const forward = this.open.get(key) ?? forwardTo(this.client, door, 0, pickReady, (words) => (problem = words));
    this.open.set(key, forward);
    const { port } = await forward;
    try {
      return await fetch(`http://127.0.0.1:${port}${path}`, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (error) {
      if (this.client.signal?.aborted) throw new Interrupted();
      throw new ClusterError(problem || drillWords.noAnswer(component, (error as Error).message));
    }
  }

  /** The answer as JSON. @throws ClusterError when it is none of success */
  async json<T>(component: string, target: number, path: string): Promise<T> {
    const response = await this.ask(component, target, path);
    if (response.ok) return (await response.json()) as T;
    throw new ClusterError(drillWords.badAnswer(component, response.status, path, (await response.text()).slice(0, 200)));
  }

  async close(): Promise<void> {
    await Promise.all([...this.open.values()].map((forward) => forward.then(({ close }) => close()).catch(() => undefined)));
    this.open.clear();
  }
}
