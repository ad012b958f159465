import { existsSync } from "node:fs";
import { buildMinutes, missingPrograms } from "../images/programs.ts";
import { type Choices, readChoices } from "./choices.ts";
import { HOST } from "./layout.ts";
import { type ListedPod, type NodeMemory, nodeMemory } from "./memory.ts";
import { requireMachine } from "./require.ts";
import { containerState, inside } from "./runc.ts";

/** How the node is. */
export interface NodeStatus {
  /** `stopped`: a start brings it back, or makes it anew where a run was cut off. `absent`: nothing of it is on this machine. */
  readonly state: "running" | "stopped" | "absent";
  readonly choices?: Choices;
  readonly kubeconfig?: string;
  readonly memory?: NodeMemory;
  /** Why this machine can have no node. */
  readonly lacks?: string;
  /** Programs that a start would build first, and about how many minutes that takes; left out while the node runs. */
  readonly toBuild?: readonly string[];
  readonly minutes?: number;
  /** Why the API server gives no answer, while it gives none. */
  readonly problem?: string;
}

/** Looks at the node without changing anything. */
export async function nodeStatus(): Promise<NodeStatus> {
  const lacks = await requireMachine().then(
    () => undefined,
    (error: Error) => error.message,
  );
  if (lacks) return { state: "absent", lacks };
  const choices = await readChoices();
  const state = await containerState();
  if (state !== "running") {
    const toBuild = await missingPrograms();
    const kept = state === "stopped" || existsSync(HOST.image);
    return { state: kept ? "stopped" : "absent", choices, toBuild, minutes: buildMinutes(toBuild) };
  }
  const { status, stdout, words } = await inside("kubectl", "get", "pods", "--all-namespaces", "--output", "json");
  const pods: ListedPod[] = status === 0 ? JSON.parse(stdout).items : [];
  return { state, choices, kubeconfig: HOST.kubeconfig, memory: nodeMemory(pods), ...(status === 0 ? {} : { problem: words }) };
}
