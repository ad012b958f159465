import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { mebibytes } from "../../src/config/units.ts";
import { GRAFANA_USER } from "../../src/monitoring/grafana-settings.ts";
import { IMAGES } from "../../src/versions.ts";
import { containersOf, find, type Manifest, manifestsOf, type Pods, podsOf, SHIPPED, synthesiseFile } from "../manifests.ts";

const LABELS = ["name", "component", "part-of", "managed-by", "version"].map((key) => `app.kubernetes.io/${key}`);
/** The pods that talk to the API server; no other has a token. */
const WITH_TOKEN = ["bootstrap", "backup", "traefik", "prometheus"];

describe.each(SHIPPED)("%s", (file) => {
  const synthesis = synthesiseFile(file);
  const manifests = manifestsOf(synthesis);
  const pods = podsOf(manifests);
  /** What is there of MySQL: on several nodes the exporters of an external server. */
  const database = manifests.some(({ kind, metadata }) => kind === "StatefulSet" && metadata.name === "mysql")
    ? "mysql"
    : "mysqld-exporter";
  const name = ({ owner }: Pods) => `${owner.kind}/${owner.metadata.name}`;
  const each = (check: (pod: Pods) => void) => {
    expect(pods.length).toBeGreaterThanOrEqual(8);
    for (const pod of pods) check(pod);
  };
  const eachContainer = (check: (container: Manifest, pod: Pods) => void) =>
    each((pod) => {
      for (const container of containersOf(pod)) check(container, pod);
    });

  test("every pod is non-root, with a seccomp profile; every container without privileges and with a read-only root", () => {
    each(({ spec }) => expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } }));
    eachContainer(({ securityContext }) => {
      expect(securityContext).toMatchObject({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true });
      expect(securityContext.capabilities).toEqual({ drop: ["ALL"] });
      expect(securityContext.runAsUser).toBeGreaterThan(10_000);
    });
  });

  test("only node-exporter looks at the host, read-only, and says why", () => {
    each((pod) => {
      const host = pod.spec.hostNetwork || pod.spec.volumes?.some((volume: Manifest) => volume.hostPath);
      expect([name(pod), Boolean(host)]).toEqual([name(pod), name(pod) === "DaemonSet/node-exporter"]);
    });
    const { metadata, spec } = find(manifests, "DaemonSet", "node-exporter");
    expect(metadata.annotations["why.cloudnova.dev/pod-security"]).toMatch(/host's folders/);
    expect(spec.template.spec.containers[0].volumeMounts).toEqual([
      { mountPath: "/host", mountPropagation: "HostToContainer", name: "root", readOnly: true },
    ]);
    // The node's own address, for Prometheus, and the loopback one, for a port-forward: nothing that another network could reach.
    const listens = spec.template.spec.containers[0].args.filter((text: string) => text.startsWith("--web.listen-address="));
    expect(listens).toEqual(["--web.listen-address=$(HOST_IP):9100", "--web.listen-address=127.0.0.1:9100"]);
    const namespace = find(manifests, "Namespace", metadata.namespace);
    expect(manifests.filter((one) => one.metadata.namespace === namespace.metadata.name && podsOf([one]).length > 0)).toHaveLength(1);
  });

  test("every image is one of versions.ts, or one that the environment names", () => {
    const { images = {} } = parse(readFileSync(file, "utf8"));
    eachContainer(({ image }) => expect(Object.values({ ...IMAGES, ...images })).toContain(image));
  });

  test("every container says what it asks for and may use; cdk8s-plus' defaults never show", () => {
    eachContainer(({ resources: { requests, limits } }) => {
      for (const kind of [requests, limits]) expect(Object.keys(kind).sort()).toEqual(["cpu", "ephemeral-storage", "memory"]);
      expect(mebibytes(requests.memory)).toBeLessThan(512);
      expect(mebibytes(limits.memory)).toBeLessThanOrEqual(400);
      expect(Object.values({ ...requests, ...limits })).not.toContain(null);
    });
  });

  test("an init container asks for no more than the containers after it", () => {
    each(({ spec }) => {
      const sum = spec.containers.reduce((total: number, one: Manifest) => total + mebibytes(one.resources.requests.memory), 0);
      for (const { resources } of spec.initContainers ?? []) expect(mebibytes(resources.requests.memory)).toBeLessThanOrEqual(sum);
    });
  });

  test("what runs all the time has probes that differ", () => {
    each(({ owner, spec }) => {
      if (["Job", "CronJob"].includes(owner.kind)) return;
      for (const { readinessProbe, livenessProbe } of spec.containers) {
        expect(readinessProbe).toBeDefined();
        expect(livenessProbe).toBeDefined();
        expect(readinessProbe).not.toEqual(livenessProbe);
      }
    });
  });

  test("a token is mounted where it is needed, in one container, and nowhere else", () => {
    each(({ owner, spec }) => {
      expect(spec.automountServiceAccountToken).toBe(false);
      const wanted = WITH_TOKEN.some((who) => owner.metadata.labels["app.kubernetes.io/name"] === who);
      const mounts = containersOf({ owner, spec, metadata: {} }).filter(({ volumeMounts }) =>
        volumeMounts.some((mount: Manifest) => mount.name === "api-token"),
      );
      expect([owner.metadata.name, mounts.length]).toEqual([owner.metadata.name, wanted ? 1 : 0]);
      if (wanted) expect(spec.volumes.find((volume: Manifest) => volume.name === "api-token").projected.sources).toHaveLength(3);
    });
  });

  test("a pod with a volume claim is a backup, or a StatefulSet of one, managed in parallel; its group owns the volume", () => {
    const claims = manifests.filter(({ kind }) => kind === "PersistentVolumeClaim").map(({ metadata }) => metadata.name);
    const users = pods.filter(({ spec }) => spec.volumes?.some((volume: Manifest) => volume.persistentVolumeClaim));
    const claimed = users.map(
      ({ spec }) => spec.volumes.find((volume: Manifest) => volume.persistentVolumeClaim).persistentVolumeClaim.claimName,
    );
    expect([...new Set(claimed)].sort()).toEqual(claims.sort());
    for (const { owner, spec } of users) {
      // The backups' volume is used by their scheduled runs and the first one.
      if (owner.metadata.name.startsWith("backup")) {
        expect(["CronJob", "Job"]).toContain(owner.kind);
        // Grafana's volume keeps Grafana's group.
        const grafana = spec.volumes.some((volume: Manifest) => volume.persistentVolumeClaim?.claimName === "grafana-data");
        expect(spec.securityContext.fsGroup).toBe(grafana ? GRAFANA_USER : spec.containers[0].securityContext.runAsUser);
        continue;
      }
      const onDemand = owner.metadata.name === "grafana" && synthesis.environment.config.monitoring.grafana === "on-demand";
      expect(owner).toMatchObject({ kind: "StatefulSet", spec: { replicas: onDemand ? 0 : 1, podManagementPolicy: "Parallel" } });
      expect(spec.securityContext.fsGroup).toBe(spec.containers[0].securityContext.runAsUser);
      expect(find(manifests, "Service", owner.spec.serviceName).spec).toMatchObject({ clusterIP: "None", publishNotReadyAddresses: true });
    }
  });

  test("how a Deployment replaces its pods is said on purpose, and never takes the last one away", () => {
    const deployments = manifests.filter(({ kind }) => kind === "Deployment");
    expect(deployments.length).toBeGreaterThanOrEqual(1);
    for (const { spec } of deployments)
      expect(spec.strategy).toEqual({ type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
  });

  test("a PodDisruptionBudget never holds up a drain: pods that are not ready may go, and so may the only one", () => {
    const budgets = manifests.filter(({ kind }) => kind === "PodDisruptionBudget");
    // A second Traefik runs where there are several nodes.
    expect(budgets.map(({ metadata }) => metadata.name)).toEqual(database === "mysql" ? ["webapp"] : ["webapp", "traefik"]);
    for (const { spec } of budgets) {
      expect(spec).toMatchObject({ maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" });
      expect(spec.minAvailable).toBeUndefined();
    }
  });

  test("Traefik closes an idle connection before the application does", () => {
    const option = /^--serversTransport\.forwardingTimeouts\.idleConnTimeout=(\d+)s$/;
    const own = pods.find(({ owner }) => owner.metadata.name === "traefik")?.spec.containers[0].args;
    const args: string[] = own ?? parse(find(manifests, "HelmChartConfig", "traefik").spec.valuesContent).additionalArguments;
    const idle = Number(args.map((arg) => option.exec(arg)?.[1]).find((seconds) => seconds));
    const { env } = find(manifests, "Deployment", "webapp").spec.template.spec.containers[0];
    const kept = Number(env.find((one: Manifest) => one.name === "KEEP_ALIVE_SECONDS").value);
    expect(idle).toBeGreaterThan(0);
    expect(kept).toBeGreaterThanOrEqual(idle + 10); // a pause of either process must not turn the order round
  });

  test("every pod has time to end", () => each(({ spec }) => expect(spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(30)));

  test("every object has the recommended labels and a namespace where its kind has one", () => {
    const cluster = [
      "Namespace",
      "ClusterRole",
      "ClusterRoleBinding",
      "IngressClass",
      "ValidatingAdmissionPolicy",
      "ValidatingAdmissionPolicyBinding",
    ];
    for (const { kind, metadata } of manifests) {
      expect(Object.keys(metadata.labels)).toEqual(expect.arrayContaining(LABELS));
      expect([kind, metadata.namespace !== undefined]).toEqual([kind, !cluster.includes(kind)]);
    }
  });

  test("no name and no selector carries a hash of cdk8s; only the Jobs have one of their own", () => {
    const text = JSON.stringify(manifests);
    expect(text).not.toContain("cdk8s.io/");
    expect(manifests.filter(({ metadata }) => /-[0-9a-f]{8,}$/.test(metadata.name)).map(({ kind }) => kind)).toEqual(
      database === "mysql" ? ["Job", "Job"] : ["Job", "Job", "Job"],
    );
  });

  test("selectors name the component alone, and match the pods they mean", () => {
    const labelled = pods.map(({ metadata }) => metadata.labels["app.kubernetes.io/name"]);
    for (const { kind, spec, metadata } of manifests) {
      const selected = kind === "Service" ? spec.selector : spec?.selector?.matchLabels;
      if (!selected || kind === "PersistentVolumeClaim") continue;
      expect(selected).toEqual({ "app.kubernetes.io/name": expect.any(String) });
      expect([kind, metadata.name, labelled]).toEqual([kind, metadata.name, expect.arrayContaining([selected["app.kubernetes.io/name"]])]);
    }
  });

  test("no object passes 250,000 bytes, its last-applied annotation counted", () => {
    for (const manifest of manifests) {
      const applied = JSON.stringify(manifest);
      const size = Buffer.byteLength(
        JSON.stringify({ ...manifest, annotations: { "kubectl.kubernetes.io/last-applied-configuration": applied } }),
      );
      expect([manifest.metadata.name, size < 250_000]).toEqual([manifest.metadata.name, true]);
    }
  });

  test("no CRD, no Secret and nothing that looks like one", () => {
    expect(manifests.filter(({ kind }) => ["CustomResourceDefinition", "Secret"].includes(kind))).toEqual([]);
    expect(JSON.stringify(manifests)).not.toMatch(/BEGIN [A-Z ]*PRIVATE KEY|"password":"[^$"]/);
  });

  test("two syntheses are byte-identical", () => expect([...synthesiseFile(file).files]).toEqual([...synthesis.files]));

  test("the kustomization lists every file, in order, under a name that `kubectl apply -f` passes over", () => {
    const files = [...synthesis.files.keys()];
    expect(files.at(-1)).toBe("Kustomization");
    const listed = [...(synthesis.files.get("Kustomization") as string).matchAll(/- (\S+\.yaml)/g)].map(([, one]) => one);
    expect(listed).toEqual(files.slice(0, -1));
    expect(listed).toEqual([...listed].sort());
  });

  test("what others need is applied before them", () => {
    const index = (kind: string, wanted: string) => manifests.indexOf(find(manifests, kind, wanted));
    expect(index("Namespace", "cloudnova")).toBe(0);
    const server = index(database === "mysql" ? "StatefulSet" : "Deployment", database);
    expect(index("NetworkPolicy", "default-deny")).toBeLessThan(server);
    expect(index("Role", "bootstrap")).toBeLessThan(manifests.findIndex(({ kind }) => kind === "Job"));
    expect(server).toBeLessThan(index("Deployment", "webapp"));
  });
});
