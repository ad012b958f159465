import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { commandLine, outcomes } from "./command-line.ts";

// What apply and diff do to the objects of a cluster.
jest.setTimeout(180_000);
const { running, cloudnova, admin, own, edit, count } = commandLine();

test("the first apply creates everything, the second writes nothing, not even a lease", async () => {
  expect(outcomes(await cloudnova("apply", "--output", "json"))).toEqual({ created: count() });
  running().proxy.reset();
  const second = await cloudnova("apply");
  expect(second).toMatchObject({ code: 0, stderr: "" });
  expect(second.stdout).toContain(`${count()} objects: ${count()} unchanged: the cluster matches the manifests; nothing was changed`);
  expect(running().proxy.writes).toEqual([]);
  expect(outcomes(await cloudnova("apply", "--full", "--output", "json"))).toEqual({ unchanged: count() });
  expect((await cloudnova("diff")).stdout).toBe("no difference: the cluster matches the manifests\n");
});

test("without a name a command finds the only environment that the cluster runs, and says so when there are several", async () => {
  const bare = (command: string) => running().program.run(command, "--kubeconfig", running().kubeconfig);
  expect(await bare("status")).toMatchObject({ code: 1, stderr: expect.stringContaining("no environment was given") });
  await cloudnova("apply");
  expect((await bare("status")).stdout).toContain("the manifests of 'kind' were applied in full");
  expect(await bare("diff")).toMatchObject({ code: 0, stdout: "no difference: the cluster matches the manifests\n" });
  running().program.synth(
    "shop",
    "cluster: kind\nnamespace: shop\nmachine: { memory: 4Gi, cpu: '2' }\ningress: { nodePorts: { http: 30081, https: 30444 } }\n",
  );
  await running().program.run("apply", "shop", "--context", "validate", "--kubeconfig", running().kubeconfig);
  const { code, stderr } = await bare("status");
  expect(code).toBe(1);
  expect(stderr).toContain("this cluster runs several environments: kind, shop");
});

test("diff of what is not there yet says so, and creates nothing", async () => {
  const { code, stdout } = await cloudnova("diff");
  expect(code).toBe(1);
  expect(stdout.match(/ will be created$/gm)).toHaveLength(count());
  expect(await admin("get", "namespaces", "-o", "name")).not.toContain("cloudnova");
});

describe("what others change is seen and repaired", () => {
  type Change = readonly [object: string, ...command: readonly string[]];
  // Each by another way into the server, since the record's proof must hold for all of them; of one object, one at a time.
  const rounds: readonly Readonly<Record<string, Change>>[] = [
    {
      "a value edited": [
        "ConfigMap traefik",
        "patch",
        "configmap",
        "traefik",
        "--type=merge",
        "-p",
        '{"data":{"cloudnova.yaml":"no: thing"}}',
      ],
      "a field removed by JSON patch": [
        "Deployment webapp",
        "patch",
        "deployment",
        "webapp",
        "--type=json",
        "-p",
        '[{"op":"remove","path":"/metadata/labels/app.kubernetes.io~1component"}]',
      ],
      "a label removed": ["Service webapp", "label", "service", "webapp", "app.kubernetes.io/component-"],
      "an object deleted": ["NetworkPolicy default-deny", "delete", "networkpolicy", "default-deny"],
      "an object deleted, to be made anew by another": ["ConfigMap mysql", "delete", "configmap", "mysql"],
      "made anew": ["ConfigMap mysql", "create", "configmap", "mysql", "--from-literal=my.cnf=other"],
    },
    {
      "our own label removed": ["Service webapp", "label", "service", "webapp", "app.kubernetes.io/managed-by-"],
      "scaled through the sub-resource": ["Deployment webapp", "scale", "deployment", "webapp", "--replicas=7"],
    },
    {
      "an element of a list changed": ["Deployment webapp", "set", "image", "deployment/webapp", "webapp=other:1"],
      "our book-keeping wiped": [
        "Service webapp",
        "patch",
        "service",
        "webapp",
        "--type=merge",
        "-p",
        '{"metadata":{"managedFields":[{}]}}',
      ],
    },
  ];
  test.each(rounds.map((changes) => [Object.keys(changes).join("; "), changes] as const))("%s", async (_, changes) => {
    await cloudnova("apply");
    for (const [, ...command] of Object.values(changes)) await own(...command);
    const [quick, full] = [await cloudnova("diff", "--force-conflicts"), await cloudnova("diff", "--force-conflicts", "--full")];
    expect(quick.stdout).toBe(full.stdout);
    const { code, stdout } = await cloudnova("apply", "--force-conflicts");
    expect(code).toBe(0);
    const written = [...stdout.matchAll(/^(?:changed|created) +(\w+) cloudnova\/([^\s:]+)/gm)].map(([, kind, name]) => `${kind} ${name}`);
    expect(new Set(written)).toEqual(new Set(Object.values(changes).map(([object]) => object)));
    expect((await cloudnova("diff", "--full")).stdout).toContain("no difference");
    running().proxy.reset();
    expect((await cloudnova("apply")).code).toBe(0);
    expect(running().proxy.writes).toEqual([]);
  });
});

test("a change of one file changes its object alone", async () => {
  await cloudnova("apply");
  edit("30-webapp.k8s.yaml", "replicas: 2", "replicas: 3");
  const diff = await cloudnova("diff");
  expect(diff.code).toBe(1);
  expect(diff.stdout).toMatch(/^Deployment cloudnova\/webapp will be changed\n@@ .* @@\n[\s\S]*- {2}replicas: 2\n\+ {2}replicas: 3\n/);
  const { stdout } = await cloudnova("apply");
  expect(stdout.match(/^changed .*/gm)).toEqual(["changed     Deployment cloudnova/webapp"]);
});

test("a field that another manager set is reported by manager and field, and taken only by force", async () => {
  await cloudnova("apply");
  await own("scale", "deployment", "webapp", "--replicas=5");
  const refused = await cloudnova("apply");
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain("conflict    Deployment cloudnova/webapp: .spec.replicas is set by 'kubectl'");
  expect(refused.stdout).toContain("--force-conflicts");
  expect(await own("get", "deployment", "webapp", "-o", "jsonpath={.spec.replicas}")).toBe("5");
  expect((await cloudnova("apply", "--force-conflicts")).code).toBe(0);
  expect(await own("get", "deployment", "webapp", "-o", "jsonpath={.spec.replicas}")).toBe("2");
});

describe("pruning", () => {
  test("takes what left the manifests; keeps volumes, and what it never applied", async () => {
    await cloudnova("apply");
    const labels = "app.kubernetes.io/managed-by=cloudnova,app.kubernetes.io/part-of=cloudnova";
    await own("create", "configmap", "foreign");
    await own("label", "configmap", "foreign", ...labels.split(","));
    // Same name as one of ours, but made by somebody else since.
    await own("delete", "configmap", "grafana-dashboards");
    await own("create", "configmap", "grafana-dashboards");
    rmSync(join(running().program.dist, "kind", "70-grafana.k8s.yaml"));
    const { code, stdout } = await cloudnova("apply");
    expect(code).toBe(0);
    expect(stdout).toContain("pruned      StatefulSet cloudnova/grafana\n");
    expect(stdout).toContain("kept        PersistentVolumeClaim cloudnova/grafana-data: it may contain data");
    expect(stdout).toContain("kept        ConfigMap cloudnova/grafana-dashboards: another program has created it again since");
    const left = await own("get", "configmap,statefulset,persistentvolumeclaim", "-o", "name");
    expect(left.split("\n").filter((name) => /grafana|foreign/.test(name))).toEqual([
      "configmap/foreign",
      "configmap/grafana-dashboards",
      "persistentvolumeclaim/grafana-data",
    ]);
    running().proxy.reset();
    expect((await cloudnova("apply")).code).toBe(0);
    expect(running().proxy.writes).toEqual([]);
  });

  test("waits until all the rest is in place", async () => {
    await cloudnova("apply");
    rmSync(join(running().program.dist, "kind", "70-grafana.k8s.yaml"));
    edit("20-mysql.k8s.yaml", /serviceName: mysql/, "serviceName: other");
    const { code, stdout } = await cloudnova("apply");
    expect(code).toBe(1);
    expect(stdout).not.toContain("pruned");
    expect(stdout).toContain("refused     StatefulSet cloudnova/mysql: an immutable field was changed");
    expect(stdout).toContain("--cascade=orphan");
    expect(stdout).toContain("not applied Ingress cloudnova/webapp");
  });
});

test("an immutable field of a Job, and a volume that would shrink, are told with the next step", async () => {
  await cloudnova("apply");
  const claim = "persistentvolumeclaim/mysql-data";
  await own("patch", claim, "--type=merge", "-p", '{"spec":{"volumeName":"pv"}}');
  await own("patch", claim, "--subresource=status", "--type=merge", "-p", '{"status":{"phase":"Bound","capacity":{"storage":"4Gi"}}}');
  edit("20-mysql.k8s.yaml", "storage: 4Gi", "storage: 1Gi");
  edit("10-secrets.k8s.yaml", /image: \S+/, "image: another:1"); // the Job's comes first
  const { code, stdout } = await cloudnova("diff");
  expect(code).toBe(2);
  expect(stdout).toMatch(/refused {5}PersistentVolumeClaim cloudnova\/mysql-data: a volume cannot shrink: .*storage/);
  expect(stdout).toMatch(/refused {5}Job cloudnova\/bootstrap-\w+: an immutable field was changed/);
});

test("a later series of MySQL is refused, and the database stays as it is, until the environment names the series", async () => {
  const image = () => own("get", "statefulset", "mysql", "-o", "jsonpath={.spec.template.spec.containers[0].image}");
  edit("20-mysql.k8s.yaml", /image: mysql:\S+/g, "image: mysql:8.4.11");
  expect(await cloudnova("apply")).toMatchObject({ code: 0 });
  running().program.synth("kind");
  const refused = /refused {5}StatefulSet cloudnova\/mysql: mysql:8\.4\.11 runs here, and mysql:9\.\S+ would upgrade its data/;
  expect(await cloudnova("diff")).toMatchObject({ code: 2, stdout: expect.stringMatching(refused) });
  const { code, stdout } = await cloudnova("apply");
  expect(code).toBe(1);
  expect(stdout).toMatch(refused);
  expect(stdout).toContain("or set images.mysql: mysql:8.4.11 to keep this version (docs/mysql-upgrade.md)");
  expect(await image()).toBe("mysql:8.4.11");
  running().program.synth("kind", `${readFileSync("environments/kind.yaml", "utf8")}images: { mysql: 'mysql:9.7.2' }\n`);
  expect(await cloudnova("apply")).toMatchObject({ code: 0 });
  expect(await image()).toBe("mysql:9.7.2");
});

test("a namespace on its way out is told as such", async () => {
  await cloudnova("apply");
  await admin("delete", "namespace", "cloudnova", "--wait=false"); // nothing here ever ends it
  edit("30-webapp.k8s.yaml", "replicas: 2", "replicas: 3");
  const { code, stdout } = await cloudnova("apply");
  expect(code).toBe(1);
  expect(stdout).toContain("refused     Namespace cloudnova: namespace cloudnova is being deleted");
  expect(stdout).toContain("then apply again");
});
