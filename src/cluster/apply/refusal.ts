import { refusal as say } from "../../messages/refusal.ts";
import type { Ref, Status } from "../objects/kube-object.ts";
import {
  AUTOSCALER_MANAGER,
  DRILL_MANAGER,
  isKeeper,
  type ManagerConflict,
  managerConflicts,
  originOfManager,
} from "../objects/managers.ts";

/** Why an object was refused, and what to do. */
export interface Refusal {
  readonly outcome: "conflict" | "refused";
  readonly message: string;
  readonly advice?: string;
}

/** Recreating a StatefulSet alone leaves its pods and volumes running; a Job is done and may simply go. */
const ORPHANING = new Set(["StatefulSet", "Deployment", "DaemonSet"]);

/** A kind of refusal: how it is recognised, what it means, what to do. The first that fits is taken. */
interface Rule {
  readonly fits: (refused: Refused) => boolean;
  readonly message: (refused: Refused) => string;
  readonly advice?: (refused: Refused) => string;
}
interface Refused {
  readonly status: number;
  readonly body: Status;
  readonly words: string;
  readonly ref: Ref;
  readonly context: string;
}

const kubectl = ({ context, ref }: Refused) => `kubectl --context ${context}${ref.namespace ? ` -n ${ref.namespace}` : ""}`;
const namespaceOf = ({ kind, name, namespace = "" }: Ref) => (kind === "Namespace" ? name : namespace);

const RULES: readonly Rule[] = [
  {
    fits: ({ status, body }) => isTerminating(status, body),
    message: ({ ref }) => say.terminating(namespaceOf(ref)),
    advice: ({ ref, context }) => say.waitGone(`kubectl --context ${context} get namespace ${namespaceOf(ref)}`),
  },
  {
    fits: ({ ref, words }) => ref.kind === "PersistentVolumeClaim" && /can ?not be less than/i.test(words),
    message: ({ body }) => say.shrink(fieldsOf(body)),
    advice: () => say.giveSize,
  },
  {
    fits: ({ words }) => /immutable|updates to statefulset spec for fields other than/i.test(words),
    message: ({ body }) => say.immutable(fieldsOf(body)),
    advice: (refused) => {
      const { kind, name } = refused.ref;
      const data = kind === "PersistentVolumeClaim" ? ` (${say.losesData})` : "";
      return say.deleteIt(
        `${kubectl(refused)} delete ${kind.toLowerCase()}/${name}${ORPHANING.has(kind) ? " --cascade=orphan" : ""}${data}`,
      );
    },
  },
  {
    fits: ({ status, words }) => status === 403 && /exceeded quota/.test(words),
    message: ({ words }) => words,
    advice: (refused) => say.quota(`${kubectl(refused)} describe resourcequota`),
  },
  {
    fits: ({ status, words }) => status === 403 && / cannot \w+ resource /.test(words),
    message: ({ words }) => say.notAllowed(words),
    advice: () => say.otherAccount,
  },
  {
    fits: ({ status }) => status === 404,
    message: ({ words }) => words,
    advice: () => say.namespaceFirst,
  },
  { fits: () => true, message: ({ words }) => words },
];

/**
 * Explains why the API server refused an object.
 *
 * @param context for the commands in the advice
 */
export function explainRefusal(status: number, answer: unknown, ref: Ref, context: string): Refusal {
  const conflicts = managerConflicts(answer);
  if (conflicts.length > 0) {
    const message = conflicts.map(({ manager, field }) => say.setBy(field, manager)).join("; ");
    return { outcome: "conflict", message, advice: conflictAdvice(conflicts) };
  }
  const body = typeof answer === "object" && answer !== null ? (answer as Status) : { message: String(answer || `status ${status}`) };
  const refused: Refused = { status, body, words: body.message ?? `status ${status}`, ref, context };
  const rule = RULES.find(({ fits }) => fits(refused));
  const advice = rule?.advice?.(refused);
  return { outcome: "refused", message: rule?.message(refused) ?? refused.words, ...(advice ? { advice } : {}) };
}

function conflictAdvice(conflicts: readonly ManagerConflict[]): string {
  if (conflicts.some(({ manager }) => manager === DRILL_MANAGER)) return say.drillCutOff;
  const keeper = conflicts.map(({ manager }) => originOfManager(manager)).find(isKeeper);
  if (keeper) return say.keptBy(say.keepers[keeper] ?? keeper);
  return conflicts.every(({ manager }) => manager === AUTOSCALER_MANAGER) ? say.setByAutoscaler : say.leaveField;
}

/** Whether the answer says that a namespace is terminating. */
export function isTerminating(status: number, body: unknown): boolean {
  const { message = "", details } = (body ?? {}) as Status;
  if (status === 403)
    return details?.causes?.some(({ reason }) => reason === "NamespaceTerminating") || /is being terminated/.test(message);
  return status === 409 && /object is being deleted/.test(message);
}

/** The fields that an answer complains about, each with the server's words. */
function fieldsOf(body: unknown): string {
  const { details, message = "" } = (body ?? {}) as Status;
  const causes = details?.causes ?? [];
  // StatefulSets and volumes answer with the whole spec behind the sentence; its first line says it.
  const short = (text: string) => (text.split("\n")[0] ?? "").replace(/^Invalid value: .*?: (field|spec)/, "$1").slice(0, 300);
  return causes.length > 0 ? causes.map(({ field, message: words = "" }) => `${field}: ${short(words)}`).join("; ") : short(message);
}
