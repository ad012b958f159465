import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { IMAGE_REPOSITORY } from "../../../src/target/node-image.ts";
import { writeArchive, writeLayer } from "../../../tools/cluster/oci.ts";
import { repositoryRoot } from "../../../tools/common/root.ts";
import { output } from "../../../tools/common/run.ts";
import { ensure } from "../../../tools/toolchain/ensure.ts";
import { until } from "../suite/wait.ts";
import { type NodesTrial, SPACE } from "./trial.ts";

const MODULE = "sigs.k8s.io/metrics-server";
const API = "v1beta1.metrics.k8s.io";
const ARCHIVE = "/metrics-server.tar";

/** metrics-server's module: its folder, and its version. */
async function moduleOf(): Promise<{ readonly Dir: string; readonly Version: string }> {
  const cwd = join(repositoryRoot(), "tools", "go", "metrics-server");
  return JSON.parse(await output("go", ["mod", "download", "-json", MODULE], { cwd }));
}

/** Makes the image and hands it to each node. @returns its name */
async function bringImage({ stage: { cluster }, nodes, folder }: NodesTrial, version: string): Promise<string> {
  const name = `${IMAGE_REPOSITORY}/metrics-server:${version}`;
  const path = "/usr/local/bin/metrics-server";
  const [layer, archive] = [join(folder, "metrics-server.layer"), join(folder, "metrics-server.archive")];
  await writeLayer(layer, [{ source: join(await ensure("metrics-server"), "metrics-server"), path }]);
  await writeArchive(archive, [{ name, layers: [layer], entrypoint: [path] }]);
  for (const node of nodes) {
    await cluster.docker("cp", archive, `${node.name}:${ARCHIVE}`);
    await cluster.inNode(`ctr --namespace k8s.io images import ${ARCHIVE} && rm ${ARCHIVE}`, "", node.name);
  }
  return name;
}

/**
 * Installs metrics-server by the manifests of its own module, which a provider of a cluster brings or its administrator, and waits until it
 * has figures of the application's pods. @returns its version
 */
export async function bringMetricsServer(trial: NodesTrial): Promise<string> {
  const { stage } = trial;
  const { Dir, Version } = await moduleOf();
  const [newName, newTag] = (await bringImage(trial, Version)).split(":");
  const folder = join(trial.folder, "metrics-server");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(Dir, "manifests", "base"), join(folder, "base"), { recursive: true, mode: 0 });
  chmodSync(join(folder, "base"), 0o755); // the module's are read-only
  for (const file of readdirSync(join(folder, "base"))) chmodSync(join(folder, "base", file), 0o644);
  // A kubelet of kind signs its certificate itself.
  const patch = stringify([{ op: "add", path: "/spec/template/spec/containers/0/args/-", value: "--kubelet-insecure-tls" }]);
  const images = [{ name: "gcr.io/k8s-staging-metrics-server/metrics-server", newName, newTag }];
  const kustomization = { resources: ["base"], images, patches: [{ target: { kind: "Deployment" }, patch }] };
  writeFileSync(join(folder, "kustomization.yaml"), stringify(kustomization));
  await stage.kubectl("apply", "--kustomize", folder);
  await stage.kubectl("rollout", "status", "--namespace", "kube-system", "deployment/metrics-server", "--timeout=180s");
  await stage.kubectl("wait", `apiservice/${API}`, "--for=condition=Available", "--timeout=60s");
  await until("metrics-server has figures of the application", 90, async () => {
    const where = `/apis/metrics.k8s.io/v1beta1/namespaces/${SPACE}/pods?labelSelector=app.kubernetes.io%2Fname%3Dwebapp`;
    return JSON.parse(await stage.kubectl("get", "--raw", where)).items.length > 0 || undefined;
  });
  return Version;
}
