import type { ApiClient } from "../apiserver/client.ts";
import type { Manifest } from "../common/manifests.ts";
import { applyAll } from "./apply-twice.ts";
import { admitPods } from "./pods.ts";

const NAMESPACE = "canary"; // no label: the server's own default, restricted, must hold

const deployment = (name: string, spec: Record<string, unknown>): Manifest => ({
  file: "canary",
  line: 1,
  object: {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: NAMESPACE },
    spec: {
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "main", image: "example.org/main:1" }] } },
      ...spec,
    },
  },
});

/**
 * Gives the server objects that it must refuse. A server that lets them pass (another admission setting, validation
 * switched off, a fault in our own calls) would accept everything else too, and prove nothing.
 *
 * @throws Error that names what was let pass
 */
export async function refusesCanaries(client: ApiClient): Promise<void> {
  await client.call("POST", "/api/v1/namespaces", { metadata: { name: NAMESPACE } });
  await client.call("POST", `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`, { metadata: { name: "default" } });
  const asked: [string, readonly unknown[]][] = [
    ["a field that does not exist", await refusals(client, deployment("unknown-field", { replica: 2 }))],
    ["a value out of range", await refusals(client, deployment("out-of-range", { replicas: -1 }))],
    ["a pod that is not restricted", (await admitPods(client, [deployment("not-restricted", {})])).problems],
  ];
  const passed = asked.filter(([, problems]) => problems.length === 0).map(([what]) => what);
  if (passed.length > 0) throw new Error(`the API server lets pass ${passed.join(", ")}: its answers would prove nothing`);
}

async function refusals(client: ApiClient, manifest: Manifest): Promise<readonly unknown[]> {
  const { problems } = await applyAll(client, [manifest], "dry run", { dryRun: true });
  return problems.filter(({ message }) => !message.startsWith("warning")); // it warns about the pod in any case
}
