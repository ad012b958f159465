import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { CLUSTERS } from "../../src/config/clusters.ts";
import { manifestsOf, podsOf, SHIPPED, synthesiseFile } from "../manifests.ts";

/** What a full disk must not end, where volumes are folders of it. */
const KEPT = ["StatefulSet/mysql", "StatefulSet/prometheus", "StatefulSet/alertmanager", "DaemonSet/node-exporter"].sort();

test.each(SHIPPED)("%s: the kubelet evicts neither MySQL nor what tells of a full disk, and may evict all others", (file) => {
  const cluster: keyof typeof CLUSTERS = parse(readFileSync(file, "utf8")).cluster;
  const pods = podsOf(manifestsOf(synthesiseFile(file)));
  const classes = pods.map(({ owner, spec }) => [`${owner.kind}/${owner.metadata.name}`, spec.priorityClassName] as const);
  const kept = classes.filter(([, name]) => name === "system-cluster-critical").map(([owner]) => owner);
  expect(kept.sort()).toEqual(CLUSTERS[cluster].localVolumes ? KEPT : []);
  expect(classes.filter(([owner, name]) => name !== undefined && !KEPT.includes(owner))).toEqual([]);
});
