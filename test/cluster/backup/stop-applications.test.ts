import { startApplications, stopApplications } from "../../../src/cluster/backup/stop-applications.ts";
import { type Stoppable, unitsIn } from "../../../src/cluster/backup/units.ts";
import { manifestsOf, synthesiseText } from "../../manifests.ts";
import { BackupCluster } from "./backup-cluster.ts";

const unitOf = (grafana: string) => {
  const manifests = manifestsOf(
    synthesiseText(`cluster: kind\nmachine: { memory: 8Gi, cpu: '4', disk: 60Gi }\nmonitoring: { grafana: ${grafana} }\n`),
  );
  const [unit] = unitsIn(manifests);
  if (!unit) throw new Error("no unit");
  return { manifests, unit };
};

test("a unit knows the Grafana whose database it backs up", () => {
  expect(unitOf("true").unit.grafana).toEqual({ kind: "StatefulSet", name: "grafana", replicas: 1 });
  expect(unitOf("on-demand").unit.grafana).toEqual({ kind: "StatefulSet", name: "grafana", replicas: 0 });
  expect(unitOf("false").unit).not.toHaveProperty("grafana");
});

test("a restore sets an on-demand Grafana back to no replica, and does not wait for a pod of it", async () => {
  const { manifests, unit } = unitOf("on-demand");
  const cluster = await BackupCluster.start();
  try {
    cluster.deploy(manifests);
    const client = cluster.api.client();
    const stopped: Stoppable[] = [];
    await stopApplications(client, { ...unit, applications: unit.grafana ? [unit.grafana] : [] }, stopped);
    expect(await startApplications(client, unit, stopped)).toBeUndefined();
    expect(cluster.done).toEqual(["scale grafana 0 as cloudnova-backup", "scale grafana 0 as cloudnova-replicas"]);
  } finally {
    cluster.api.stop();
  }
});
