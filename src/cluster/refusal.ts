import type { Connection } from "./connection.ts";
import { ClusterError } from "./errors.ts";
import type { Ref } from "./objects.ts";

/** Kubernetes' `Status`, as far as refusals carry it. */
interface Status {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes?: readonly Cause[] };
}
interface Cause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** A field that somebody else set, and that we would set to another value. */
export interface ManagerConflict {
  readonly manager: string;
  readonly field: string;
}

/** The conflicts with other field managers that an answer names. */
export function managerConflicts(body: unknown): ManagerConflict[] {
  const causes = (body as Status | undefined)?.details?.causes ?? [];
  return causes
    .filter(({ reason }) => reason === "FieldManagerConflict")
    .map(({ message = "", field = "" }) => ({ manager: /conflict with "([^"]*)"/.exec(message)?.[1] ?? message, field }));
}

/** Why an object was not taken, and what to do. */
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
    message: ({ ref }) => `namespace ${namespaceOf(ref)} is being deleted`,
    advice: ({ ref, context }) =>
      `wait until it is gone (kubectl --context ${context} get namespace ${namespaceOf(ref)}), then apply again`,
  },
  {
    fits: ({ ref, words }) => ref.kind === "PersistentVolumeClaim" && /can ?not be less than/i.test(words),
    message: ({ body }) => `a volume cannot shrink: ${fieldsOf(body)}`,
    advice: () => "give the size that it has; or back its data up, run 'down --delete-data' and apply again",
  },
  {
    fits: ({ words }) => /immutable|updates to statefulset spec for fields other than/i.test(words),
    message: ({ body }) => `a field that cannot change was changed: ${fieldsOf(body)}`,
    advice: (refused) => {
      const { kind, name } = refused.ref;
      const data = kind === "PersistentVolumeClaim" ? " (this deletes its data: back it up first)" : "";
      return `delete it, then apply again: ${kubectl(refused)} delete ${kind.toLowerCase()}/${name}${ORPHANING.has(kind) ? " --cascade=orphan" : ""}${data}`;
    },
  },
  {
    fits: ({ status, words }) => status === 403 && /exceeded quota/.test(words),
    message: ({ words }) => words,
    advice: (refused) => `raise the quota or ask for less: ${kubectl(refused)} describe resourcequota`,
  },
  {
    fits: ({ status, words }) => status === 403 && / cannot \w+ resource /.test(words),
    message: ({ words }) => `not allowed: ${words}`,
    advice: () => "use an account with the right, or have an administrator give it",
  },
  {
    fits: ({ status }) => status === 404,
    message: ({ words }) => words,
    advice: () => "apply the namespace first, or check its name",
  },
  { fits: () => true, message: ({ words }) => words },
];

/**
 * Explains why the API server did not take an object.
 *
 * @param context for the commands in the advice
 */
export function explainRefusal(status: number, answer: unknown, ref: Ref, context: string): Refusal {
  const conflicts = managerConflicts(answer);
  if (conflicts.length > 0) {
    const message = conflicts.map(({ manager, field }) => `${field} is set by '${manager}'`).join("; ");
    return { outcome: "conflict", message, advice: "leave the field to that manager, or take it over with --force-conflicts" };
  }
  const body = typeof answer === "object" && answer !== null ? (answer as Status) : { message: String(answer || `status ${status}`) };
  const refused: Refused = { status, body, words: body.message ?? `status ${status}`, ref, context };
  const rule = RULES.find(({ fits }) => fits(refused));
  const advice = rule?.advice?.(refused);
  return { outcome: "refused", message: rule?.message(refused) ?? refused.words, ...(advice ? { advice } : {}) };
}

/** Whether the answer says that a namespace is on its way out. */
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

const CONNECTION: Readonly<Record<string, readonly [string, string]>> = {
  ECONNREFUSED: ["nothing listens there", "start the cluster, or name another context"],
  ENOTFOUND: ["no such host name", "check the context's server and your network"],
  EAI_AGAIN: ["the host name cannot be looked up", "check your network"],
  ETIMEDOUT: ["no answer in time", "check that the cluster runs and that a VPN or firewall is not between"],
  EHOSTUNREACH: ["the host cannot be reached", "check your network"],
  ENETUNREACH: ["the network cannot be reached", "check your network"],
  ECONNRESET: ["the connection breaks every time", "check that the server is well, and what is between you and it"],
  EPROTO: ["it does not speak TLS as expected", "check the context's server and port"],
  CERT_HAS_EXPIRED: ["its certificate has expired", "renew the cluster's certificates (check the clock of this machine, too)"],
  CERT_NOT_YET_VALID: ["its certificate is not valid yet", "check the clock of this machine"],
  ERR_TLS_CERT_ALTNAME_INVALID: ["its certificate is for another name", "fetch the cluster's kubeconfig anew"],
};
/** The ways in which OpenSSL says that the certificate authority is not the one in the kubeconfig. */
const UNTRUSTED = /^(SELF_SIGNED|DEPTH_ZERO_SELF|UNABLE_TO_|CERT_SIGNATURE)/;

/** A connection that did not come about, in words. */
export function explainConnection(error: NodeJS.ErrnoException, { context, server }: Pick<Connection, "context" | "server">): ClusterError {
  const code = error.code ?? "";
  const untrusted = [
    "its certificate is not from the authority in the kubeconfig",
    "fetch the cluster's kubeconfig anew: it may have been built again",
  ] as const;
  const [why, advice] = CONNECTION[code] ?? (UNTRUSTED.test(code) ? untrusted : [error.message, "check the context's server"]);
  return new ClusterError(`context '${context}': no connection to ${server}: ${why}${code ? ` (${code})` : ""}`, advice);
}
