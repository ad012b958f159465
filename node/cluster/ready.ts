/** The few fields of a Node that tell whether it works. */
export interface NodeObject {
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
      readonly lastHeartbeatTime?: string;
    }[];
  };
}

/** The few fields of a Pod that tell whether it works. */
export interface PodObject {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly {
      readonly state?: {
        readonly running?: { readonly startedAt: string };
        readonly waiting?: { readonly reason?: string; readonly message?: string };
      };
    }[];
  };
}

/**
 * What the cluster still lacks before it can be used, in words; undefined when nothing does: the node is Ready and CoreDNS runs.
 * What was said before `since` does not count: after a restart the API server still holds the state of before.
 *
 * @param since when the node was started, in ms since 1970
 */
export function stillMissing(node: NodeObject, dns: readonly PodObject[], since: number): string | undefined {
  const ready = node.status?.conditions?.find((condition) => condition.type === "Ready");
  // Times in the API are whole seconds, rounded down.
  const fresh = (time: string | undefined) => time !== undefined && Date.parse(time) >= Math.floor(since / 1000) * 1000;
  if (!ready || !fresh(ready.lastHeartbeatTime)) return "the kubelet has not reported since the start";
  if (ready.status !== "True") return `the node is not Ready: ${ready.message ?? "no reason given"}`;
  if (dns.length === 0) return "CoreDNS has no pod yet";
  for (const { metadata, status } of dns) {
    const [container] = status?.containerStatuses ?? [];
    const waiting = container?.state?.waiting;
    if (waiting) return `${metadata.name} waits: ${waiting.reason ?? ""} ${waiting.message ?? ""}`.trim();
    if (!fresh(container?.state?.running?.startedAt)) return `${metadata.name} has not started again`;
    if (!status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True"))
      return `${metadata.name} is not ready`;
  }
  return undefined;
}
