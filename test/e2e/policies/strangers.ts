import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import { selector } from "../../../src/constructs/selector.ts";
import { placeOf } from "../../../src/network.ts";
import { components, namespacesOf, type PodAt, type Table } from "./expected.ts";

/** On everything that the step makes in the cluster. */
export const LABEL = "cloudnova.dev/policies";
/** A namespace of others. */
export const STRANGERS = "policies-strangers";
/** Components whose labels a pod in that namespace borrows: the one that may reach most, and the one that all may reach. */
const BORROWED = ["prometheus", "traefik", "webapp"];

const pod = (namespace: string, name: string, labels: Record<string, string>, image: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { namespace, name: `policies-${name}`, labels: { ...labels, [LABEL]: "true" } },
  spec: {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsNonRoot: true, runAsUser: 65_534, runAsGroup: 65_534, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "pause",
        image,
        imagePullPolicy: "IfNotPresent",
        resources: { requests: { cpu: "1m", memory: "4Mi" }, limits: { memory: "16Mi" } },
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
      },
    ],
  },
});

/**
 * Pods beside the product's: strangers in a namespace of their own, one with no labels and others with borrowed ones; pods without labels
 * in our namespaces, those of applications among them; and one for each component of the table that has no running pod, such as the
 * bootstrap Job's, or the Job's that fills an application's database.
 * @param image does nothing and ends at once when told to
 */
export function strangers(table: Table, running: readonly PodAt[], image: string): KubeObject[] {
  const { namespace } = table;
  const has = (place: { readonly namespace: string; readonly name: string }) =>
    running.some(
      (one) => one.namespace === place.namespace && one.labels["app.kubernetes.io/name"] === place.name && one.labels[LABEL] === undefined,
    );
  const missing = components(table)
    .map((who) => placeOf(who, namespace))
    .filter((place) => !has(place));
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: STRANGERS, labels: { [LABEL]: "true" } } },
    pod(STRANGERS, "stranger", {}, image),
    ...BORROWED.map((name) => pod(STRANGERS, `like-${name}`, selector(name), image)),
    ...namespacesOf(table).map((one) => pod(one, "unlabelled", {}, image)),
    ...missing.map((place) => pod(place.namespace, place.name, selector(place.name), image)),
  ];
}
