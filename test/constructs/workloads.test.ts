import { Chart, Cron, Testing } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import { Construct } from "constructs";
import {
  type ContainerProps,
  configMount,
  DataVolume,
  HardenedCronJob,
  HardenedDaemonSet,
  HardenedDeployment,
  HardenedJob,
  HardenedStatefulSet,
  WorkloadService,
} from "../../src/constructs/index.ts";
import { containersOf, find, type Manifest, podsOf } from "../manifests.ts";

const resources = { memory: "1.5Gi", memoryLimit: "2G", cpu: "0.5", cpuLimit: "2" };
const container = (name: string, props: Partial<ContainerProps> = {}): ContainerProps => ({
  name,
  image: `${name}:1.0`,
  user: 10_001,
  resources,
  ...props,
});

/** What a chart renders, with the constructs that `add` makes in it. */
function render(add: (chart: Chart) => void): Manifest[] {
  const chart = new Chart(Testing.app(), "chart", { namespace: "demo" });
  add(chart);
  return Testing.synth(chart);
}

/** One workload of each kind, in one scope, as `suffix` names them. */
function everyKind(scope: Construct, suffix: string): void {
  const name = (kind: string) => `${kind}-${suffix}`;
  const props = (kind: string) => ({ name: name(kind), containers: [container(kind)] as const });
  const set = { ...props("set"), labels: { tier: "data" } };
  const service = new WorkloadService(scope, name("service"), { name: set.name, ports: [{ port: 80 }], headless: true });
  const { volume } = new DataVolume(scope, name("data"), { name: set.name, size: "64Mi" });
  const account = new kplus.ServiceAccount(scope, name("account"), { metadata: { name: name("account") } });
  new HardenedDeployment(scope, name("deployment"), { ...props("deployment"), serviceAccount: account });
  new HardenedStatefulSet(scope, name("set"), { ...set, service, containers: [container("set", { mounts: [{ path: "/data", volume }] })] });
  new HardenedDaemonSet(scope, name("daemon"), props("daemon"));
  new HardenedJob(scope, name("job"), { ...props("job"), initContainers: [container("before")] });
  new HardenedCronJob(scope, name("cron"), { ...props("cron"), schedule: Cron.daily() });
}

describe("two workloads of each kind in one scope", () => {
  const objects = render((chart) => {
    everyKind(chart, "one");
    everyKind(chart, "two");
  });
  const pods = podsOf(objects);

  test("each is an object of its own", () => {
    const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect([new Set(names).size, pods.length]).toEqual([objects.length, 10]);
  });
  test.each(pods.map((one) => [one.owner.metadata.name, one] as const))(
    "%s has every field that Pod Security restricted demands, and no token",
    (_, one) => {
      const { spec } = one;
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: "RuntimeDefault" } });
      expect([spec.hostNetwork ?? false, spec.automountServiceAccountToken, spec.enableServiceLinks]).toEqual([false, false, false]);
      for (const { securityContext } of containersOf(one)) {
        expect(securityContext).toMatchObject({
          runAsNonRoot: true,
          privileged: false,
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
      }
    },
  );
  test("every container has the quantities that it was given", () => {
    for (const one of pods.flatMap(containersOf)) {
      expect(one.resources.requests).toEqual({ memory: "1.5Gi", cpu: "0.5", "ephemeral-storage": "16Mi" });
      expect(one.resources.limits).toEqual({ memory: "2G", cpu: "2", "ephemeral-storage": "256Mi" });
    }
  });
  test("what has a selector selects its own pods by name, and those of no other", () => {
    const selecting = pods.filter(({ owner }) => owner.spec.selector);
    expect(selecting).toHaveLength(6);
    for (const { owner, metadata } of selecting) {
      const { matchLabels } = owner.spec.selector;
      expect([matchLabels, metadata.labels]).toMatchObject([
        { "app.kubernetes.io/name": owner.metadata.name },
        { "app.kubernetes.io/name": owner.metadata.name },
      ]);
    }
    expect(find(objects, "Service", "set-two").spec.selector).toEqual({ "app.kubernetes.io/name": "set-two" });
  });
  test("nothing depends on where a construct is in the tree", () => {
    expect(JSON.stringify(objects)).not.toContain("cdk8s.io/metadata.addr");
    const [alone, nested] = [(chart: Chart) => everyKind(chart, "x"), (chart: Chart) => everyKind(new Construct(chart, "deeper"), "x")];
    expect(render(nested)).toEqual(render(alone));
  });
  test("the token is mounted into the first container, also where nothing else is", () => {
    const { spec } = find(objects, "Deployment", "deployment-one").spec.template;
    expect(spec.containers[0].volumeMounts).toEqual([
      { name: "api-token", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount", readOnly: true },
    ]);
    expect(spec.volumes).toHaveLength(1);
    expect(spec.volumes[0]).toMatchObject({
      name: "api-token",
      projected: { sources: [{ serviceAccountToken: { path: "token" } }, {}, {}] },
    });
  });
});

describe("HardenedJob", () => {
  const named = (files: Record<string, string>, image = "job:1") => {
    const [job] = render((chart) => new HardenedJob(chart, "job", { name: "job", containers: [container("job", { image })], files }));
    return job.metadata.name as string;
  };
  test("has a new name when what it runs changes, as its template is immutable", () => {
    const name = named({ "run.sh": "true" });
    expect(name).toMatch(/^job-[0-9a-f]{8}$/);
    expect(named({ "run.sh": "true" })).toBe(name);
    expect(named({ "run.sh": "false" })).not.toBe(name);
    expect(named({ "run.sh": "true" }, "job:2")).not.toBe(name);
  });
});

describe("restartOn", () => {
  const annotations = (restartOn?: string[]) => {
    const props = { name: "web", containers: [container("web")] as const, restartOn };
    return podsOf(render((chart) => new HardenedDeployment(chart, "web", props)))[0]?.metadata.annotations;
  };
  test("changes the pods' template with the configuration", () => {
    expect(annotations(["a"])).toEqual(annotations(["a"]));
    expect(annotations(["b"])).not.toEqual(annotations(["a"]));
    expect(annotations()).toBeUndefined();
  });
});

test("a label of the caller does not replace the one by which pods are selected", () => {
  const labels = { "app.kubernetes.io/name": "other", tier: "front" };
  const [deployment] = render((chart) => new HardenedDeployment(chart, "web", { name: "web", labels, containers: [container("web")] }));
  expect(deployment.spec.template.metadata.labels).toEqual({ "app.kubernetes.io/name": "web", tier: "front" });
});

test("two ConfigMaps are mounted into one container", () => {
  const objects = render((chart) => {
    const mount = (name: string) => configMount(new kplus.ConfigMap(chart, name, { metadata: { name }, data: {} }), `/etc/${name}`);
    new HardenedDeployment(chart, "web", { name: "web", containers: [container("web", { mounts: [mount("a"), mount("b")] })] });
  });
  expect(podsOf(objects)[0]?.spec.volumes).toMatchObject([{ name: "a", configMap: { name: "a" } }, { name: "b" }]);
});
