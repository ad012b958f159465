import type { KubeObject } from "../objects/kube-object.ts";

/** How pods stand with the images that they pull. */
export interface Pulls {
  /** Images that are being pulled now. */
  readonly now: readonly string[];
  /** How many were pulled so far. */
  readonly done: number;
}

/** The kubelet's reasons of events about images (pkg/kubelet/events/event.go); those of a pull that ended end it. */
const REASONS = ["Pulling", "Pulled", "Failed", "BackOff"];

/** Events carry whole seconds or microseconds; within a second the API server's own count decides. */
const orderOf = ({ lastTimestamp, eventTime, metadata }: KubeObject): [string, number] => [
  lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? "",
  Number(metadata.resourceVersion ?? 0),
];

function isBefore(one: KubeObject, other: KubeObject): number {
  const [[time, version], [otherTime, otherVersion]] = [orderOf(one), orderOf(other)];
  return time.localeCompare(otherTime) || version - otherVersion;
}

/**
 * The image pulls of pods, by their events. The kubelet reports a pull when it begins and when it ends, and nothing in between; a pull
 * that gets no data for five minutes is ended by containerd (image_pull_progress_timeout), so one that is under way makes progress.
 * The API server keeps events for an hour: a node that is gone pulls no longer than that.
 */
export function pullsOf(pods: readonly KubeObject[], events: readonly KubeObject[]): Pulls {
  const now = new Set<string>();
  let done = 0;
  for (const { metadata } of pods) {
    const about = events
      .filter(({ involvedObject, reason }) => involvedObject?.uid === metadata.uid && REASONS.includes(reason))
      .sort(isBefore);
    const last = about.at(-1);
    const [, image] = last?.reason === "Pulling" ? (/image "([^"]+)"/.exec(last.message ?? "") ?? []) : [];
    if (image) now.add(image);
    done += about.filter(({ reason, message = "" }) => reason === "Pulled" && message.startsWith("Successfully pulled")).length;
  }
  return { now: [...now], done };
}
