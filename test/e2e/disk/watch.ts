import { join } from "node:path";
import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import { output } from "../../../tools/common/run.ts";
import { withTemporaryFolder } from "../../../tools/common/temporary.ts";
import type { Stage } from "../suite/stage.ts";

/** Objects of a kind in every namespace. */
const everywhere = async (stage: Stage, kind: string): Promise<KubeObject[]> =>
  JSON.parse(await stage.kubectl("get", kind, "--all-namespaces", "--output", "json")).items;

/** Whether the kubelet says that the disk is nearly full. */
export async function underPressure(stage: Stage): Promise<boolean> {
  const path = 'jsonpath={.items[0].status.conditions[?(@.type=="DiskPressure")].status}';
  return (await stage.kubectl("get", "nodes", "--output", path)) === "True";
}

/** The pods that the kubelet ended because the node had no room, first to last: neither for a limit of their own, nor turned away at once. */
export async function evicted(stage: Stage): Promise<string[]> {
  const events = (await everywhere(stage, "events")) as unknown as {
    readonly reason: string;
    readonly message: string;
    readonly firstTimestamp: string;
    readonly involvedObject: { readonly name: string };
  }[];
  return events
    .filter(({ reason, message }) => reason === "Evicted" && message.includes("low on resource"))
    .sort((one, other) => one.firstTimestamp.localeCompare(other.firstTimestamp))
    .map(({ involvedObject }) => involvedObject.name);
}

/** Names of the images that the kubelet may not remove, and of the others. */
export async function imagesOf(stage: Stage): Promise<{ readonly pinned: string[]; readonly others: string[] }> {
  const { images }: { images: { readonly pinned?: boolean; readonly repoTags: string[] }[] } = JSON.parse(
    await stage.inNode("crictl images --output json"),
  );
  const names = (wanted: boolean) => images.filter(({ pinned = false }) => pinned === wanted).flatMap(({ repoTags }) => repoTags);
  return { pinned: names(true).sort(), others: names(false).sort() };
}

/** An image that no pod uses and that is not pinned: the kubelet may remove it. */
export const UNUSED = "example.org/unused:1";

/** Brings it to the node. */
export async function bringUnused({ cluster }: Stage): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const [root, image] = [join(folder, "root.tar"), join(folder, "image.tar")];
    await output("tar", ["-cf", root, "package.json"]);
    await cluster.docker("import", root, UNUSED);
    await cluster.docker("save", "--output", image, UNUSED);
    await cluster.docker("image", "rm", UNUSED);
    await cluster.docker("cp", image, `${cluster.node}:/unused.tar`);
  });
  await cluster.inNode("ctr --namespace=k8s.io images import /unused.tar && rm /unused.tar");
}

/** Names of the alerts that fire. */
export async function firing(stage: Stage): Promise<string[]> {
  const { alerts } = (await stage.prometheus("alerts")) as { alerts: { state: string; labels: { alertname: string } }[] };
  return alerts.filter(({ state }) => state === "firing").map(({ labels }) => labels.alertname);
}
