import { CLOUD_METADATA } from "../addresses.ts";
import type { KubeObject } from "../cluster/objects/kube-object.ts";
import { selector } from "../constructs/selector.ts";
import { RECEIVER } from "./drill-receiver.ts";

/** On everything that a drill makes, with its part in it: `marker`, `receiver`, `fault`, `saved`. */
export const LABEL = "cloudnova.dev/drill";
/** What the drill's pods are called, and labelled. */
export const NAME = "cloudnova-drill";

/** Somebody killed this program and never came back: then the pods end by themselves. */
const LONGEST_S = 3600;
const USER = 10_001;

const metadata = (namespace: string, name: string, part: string, labels: Record<string, string> = {}) => ({
  name,
  namespace,
  labels: { ...labels, [LABEL]: part, "app.kubernetes.io/part-of": "cloudnova", "app.kubernetes.io/managed-by": NAME },
});

/** What a pod of a drill hangs on. */
export interface PodSettings {
  readonly namespace: string;
  /** The helper's: every environment has it. */
  readonly image: string;
  readonly name: string;
  readonly part: "receiver" | "fault";
  readonly args: readonly string[];
  readonly restarts?: boolean;
  /** Whether a folder of its own is mounted at /volume. @default false */
  readonly scratch?: boolean;
  /** An HTTP port that answers /ready. @default none */
  readonly port?: number;
}

/** A pod that passes Pod Security *restricted*, and asks for next to nothing. */
export function podObject({ namespace, image, name, part, args, restarts, scratch, port }: PodSettings): KubeObject {
  const volume = scratch ? [{ name: "volume", emptyDir: { sizeLimit: "64Mi" } }] : [];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: metadata(namespace, name, part, selector(name)),
    spec: {
      activeDeadlineSeconds: LONGEST_S,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: restarts ? "Always" : "Never",
      terminationGracePeriodSeconds: 1,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER,
        runAsGroup: USER,
        fsGroup: USER,
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "RuntimeDefault" },
      },
      volumes: volume,
      containers: [
        {
          name: "drill",
          image,
          imagePullPolicy: "IfNotPresent",
          command: ["/cloudnova-helper", "drill", ...args],
          resources: { requests: { cpu: "5m", memory: "24Mi" }, limits: { memory: "96Mi" } },
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
          volumeMounts: volume.map(({ name: mounted }) => ({ name: mounted, mountPath: "/volume" })),
          ...(port && { readinessProbe: { httpGet: { path: "/ready", port }, periodSeconds: 1 } }),
        },
      ],
    },
  };
}

/** Lets only Alertmanager reach the receiver: one policy for each end. */
export function policies(namespace: string): KubeObject[] {
  const ports = [RECEIVER.smtp, RECEIVER.http].map((port) => ({ port, protocol: "TCP" }));
  const pods = (name: string) => ({ podSelector: { matchLabels: selector(name) } });
  const policy = (name: string, of: string, spec: object): KubeObject => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadata(namespace, name, "receiver"),
    spec: { ...pods(of), ...spec },
  });
  return [
    policy(`${NAME}-in`, NAME, { policyTypes: ["Ingress"], ingress: [{ from: [pods("alertmanager")], ports }] }),
    policy(`${NAME}-out`, "alertmanager", { policyTypes: ["Egress"], egress: [{ to: [pods(NAME)], ports }] }),
  ];
}

/** Lets Alertmanager out to receivers that the user named, and to the DNS that knows them. Where a host is no address, to any at its port. */
export function policyToGiven(namespace: string, doors: readonly { readonly cidr?: string; readonly port: number }[]): KubeObject {
  const { ipv4, ipv6 } = CLOUD_METADATA;
  const anywhere = [{ ipBlock: { cidr: "0.0.0.0/0", except: [ipv4] } }, { ipBlock: { cidr: "::/0", except: [ipv6] } }];
  const dns = {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
    podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
  };
  const egress = [
    ...doors.map(({ cidr, port }) => ({ to: cidr ? [{ ipBlock: { cidr } }] : anywhere, ports: [{ port, protocol: "TCP" }] })),
    { to: [dns], ports: ["TCP", "UDP"].map((protocol) => ({ port: 53, protocol })) },
  ];
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadata(namespace, `${NAME}-given`, "receiver"),
    spec: { podSelector: { matchLabels: selector("alertmanager") }, policyTypes: ["Egress"], egress },
  };
}

/** Stands for a drill under way, so that the next run repairs what a killed one left. Made first, deleted last. */
export const markerObject = (namespace: string, alerts: readonly string[], since: string): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: metadata(namespace, NAME, "marker"),
  data: { alerts: alerts.join(" "), since },
});

/** Name of the Secret that keeps the certificate which a drill has replaced. */
export const SAVED = `${NAME}-saved`;

/** A copy of a Secret, so that it can be put back. */
export const savedObject = ({ metadata: { name, namespace = "" }, type, data }: KubeObject): KubeObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { ...metadata(namespace, SAVED, "saved"), annotations: { "cloudnova.dev/copy-of": name } },
  type,
  data,
});
