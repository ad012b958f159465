import { existsSync } from "node:fs";
import { type Choices, readChoices } from "./choices.ts";
import { HOST } from "./layout.ts";
import { type ListedPod, type NodeMemory, nodeMemory } from "./memory.ts";
import { containerState, inside } from "./runc.ts";

/** How the node is. */
export interface NodeStatus {
  /** `stopped`: a start brings it back, or makes it anew where a run was cut off. `absent`: nothing of it is on this machine. */
  readonly state: "running" | "stopped" | "absent";
  readonly choices?: Choices;
  readonly kubeconfig?: string;
  readonly memory?: NodeMemory;
  /** Why the API server gives no answer, while it gives none. */
  readonly problem?: string;
}

/** Looks at the node without changing anything. */
export async function nodeStatus(): Promise<NodeStatus> {
  const choices = await readChoices();
  const state = await containerState();
  if (state !== "running") return { state: state === "stopped" || existsSync(HOST.image) ? "stopped" : "absent", choices };
  const { status, stdout, words } = await inside("kubectl", "get", "pods", "--all-namespaces", "--output", "json");
  const pods: ListedPod[] = status === 0 ? JSON.parse(stdout).items : [];
  return { state, choices, kubeconfig: HOST.kubeconfig, memory: nodeMemory(pods), ...(status === 0 ? {} : { problem: words }) };
}
