import { setTimeout as sleep } from "node:timers/promises";
import { selector } from "../../../src/constructs/selector.ts";
import clear from "./node/clear.sh";
import connect from "./node/connect.py";
import { type Hands, OUTSIDE, openOutside, WINDOW_MS } from "./policy-cluster.ts";
import { LABEL } from "./strangers.ts";

/** What a new pod's attempts found, in ms after its first instruction. */
export interface Window {
  /** Connections that were open. */
  readonly open: number;
  /** When the last of them began; 0 when none was open. */
  readonly lastOpen: number;
  /** When the first attempt began that was refused or dropped; null when none was. */
  readonly firstShut: number | null;
}

/** How long a new pod could reach what its policies forbid, ms. @throws Error when it still can, or can again */
export function openFor({ open, lastOpen, firstShut }: Window): number {
  if (firstShut === null) throw new Error(`a new pod still reached a forbidden address after ${lastOpen} ms, by ${open} connections`);
  if (lastOpen > firstShut)
    throw new Error(`a new pod was refused after ${firstShut} ms and reached the address again after ${lastOpen} ms`);
  if (firstShut > WINDOW_MS)
    throw new Error(`a new pod reached a forbidden address for ${firstShut} ms; at most ${WINDOW_MS} ms are allowed`);
  return open === 0 ? 0 : firstShut;
}

const NAME = "policies-window";

/** Starts a pod with a component's labels, which tries a forbidden connection from its first instruction on. @param image has Python */
async function measureOnce(hands: Hands, namespace: string, image: string): Promise<Window> {
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name: NAME, labels: { ...selector("bootstrap"), [LABEL]: "true" } },
    spec: {
      automountServiceAccountToken: false,
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, runAsUser: 10_001, runAsGroup: 10_001, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "connect",
          image,
          imagePullPolicy: "IfNotPresent",
          command: ["python", "-c", connect, OUTSIDE, "443"],
          resources: { requests: { cpu: "5m", memory: "16Mi" }, limits: { memory: "64Mi" } },
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
        },
      ],
    },
  };
  const remove = () => hands.kubectl("delete", "pod", NAME, "--namespace", namespace, "--ignore-not-found");
  await remove();
  try {
    await hands.inNode("kubectl --kubeconfig /etc/kubernetes/admin.conf apply --filename -", JSON.stringify(pod));
    await hands.kubectl("wait", `pod/${NAME}`, "--namespace", namespace, "--for=jsonpath={.status.phase}=Succeeded", "--timeout=60s");
    return JSON.parse(await hands.kubectl("logs", NAME, "--namespace", namespace));
  } finally {
    await remove();
  }
}

/** Measures some new pods, one after the other. @returns for how many ms each could reach what its policies forbid @throws Error as openFor does */
export async function measureWindow(hands: Hands, namespace: string, times: number): Promise<number[]> {
  const image = await hands.kubectl(
    "get",
    "deployment/webapp",
    "--namespace",
    namespace,
    "--output",
    "jsonpath={.spec.template.spec.containers[0].image}",
  );
  await hands.inNode(clear);
  try {
    await openOutside(hands);
    await sleep(500); // until it listens
    const measured: number[] = [];
    for (let index = 0; index < times; index += 1) measured.push(openFor(await measureOnce(hands, namespace, image)));
    return measured;
  } finally {
    await hands.inNode(clear);
  }
}
