import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import { controllerTrouble, type Observed, troubles } from "../../../src/cluster/observe/trouble.ts";
import { setLocale } from "../../../src/language.ts";

// The shapes are those that a kubelet and a scheduler of 1.34 write.
const pod = (status: object): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "webapp-5d5c7-x2x4z", namespace: "cloudnova", uid: "u1" },
  status: { phase: "Pending", ...status },
});
const event = (reason: string, message: string, more: object = {}): KubeObject =>
  ({ apiVersion: "v1", kind: "Event", metadata: { name: reason }, reason, message, ...more }) as unknown as KubeObject;
const container = (state: object, more: object = {}) => ({
  containerStatuses: [{ name: "webapp", image: "cloudnova-webapp:1.0.0", ready: false, restartCount: 0, state, ...more }],
});
const waiting = (reason: string, message = "") => container({ waiting: { reason, message } });
const words = (observed: Omit<Observed, "events"> & { events?: readonly KubeObject[] }) =>
  troubles({ events: [], ...observed }).map(({ what, advice }) => (advice ? `${what} → ${advice}` : what));

const PULL = 'Failed to pull image "cloudnova-webapp:1.0.0": failed to resolve reference: pull access denied, repository does not exist';

test("an image that cannot be pulled names the image, the runtime's words, and what to do for our own image", () => {
  const observed = { pod: pod(waiting("ImagePullBackOff", "Back-off pulling image")), events: [event("Failed", PULL)] };
  expect(words(observed)).toEqual([
    `image cloudnova-webapp:1.0.0 cannot be pulled: pull access denied, repository does not exist → it is the project's own image: build it and load it into the cluster, or set an image of a registry under images:`,
  ]);
});

test("a registry's limit for this address is told with the key for a mirror", () => {
  const limit = "429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit.";
  const failed = `Failed to pull image "mysql:9.7.4": failed to pull and unpack image "docker.io/library/mysql:9.7.4": ${limit}`;
  const [told] = words({ pod: pod(waiting("ErrImagePull")), events: [event("Failed", failed)] });
  expect(told).toMatch(/cannot be pulled: 429 Too Many Requests.* → Docker Hub limits anonymous pulls per address: .* key registry/);
});

test("the cause is told, not the chain of steps before it, and between two attempts, too", () => {
  // As containerd 1.7 and a kubelet of 1.34 wrote it.
  const image = "cloudnova.local/cloudnova-webapp:9.9.9";
  const cause = `Head "https://cloudnova.local/v2/cloudnova-webapp/manifests/9.9.9": dial tcp: lookup cloudnova.local: no such host`;
  const steps = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": failed to do request: ${cause}`;
  const failed = event("Failed", `Failed to pull image "${image}": ${steps}`, { lastTimestamp: "2026-01-01T00:00:01Z" });
  const backOff = event("Failed", "Error: ImagePullBackOff", { lastTimestamp: "2026-01-01T00:00:09Z" });
  const containerStatuses = [{ name: "webapp", image, ready: false, restartCount: 0, state: { waiting: { reason: "ImagePullBackOff" } } }];
  expect(words({ pod: pod({ containerStatuses }), events: [failed, backOff] })).toEqual([
    `image ${image} cannot be pulled: ${cause} → it is the project's own image: build it and load it into the cluster, or set an image of a registry under images:`,
  ]);
});

test("in Spanish, too", () => {
  setLocale("es");
  const observed = { pod: pod(waiting("ImagePullBackOff", "Back-off pulling image")), events: [event("Failed", PULL)] };
  const told = words(observed);
  const conditions = [{ type: "PodScheduled", status: "False", message: "0/1 nodes are available: 1 Insufficient memory." }];
  const full = words({ pod: pod({ conditions }) });
  setLocale("en");
  expect(told).toEqual([
    `no se puede descargar la imagen cloudnova-webapp:1.0.0: pull access denied, repository does not exist → es la imagen del propio proyecto: constrúyala y cárguela en el clúster, o ponga la de un registro en images:`,
  ]);
  expect(full).toEqual([
    "ningún nodo tiene suficiente memoria libre para lo que solicita → use una máquina mayor, menos réplicas o solicitudes menores",
  ]);
});

test("a full disk, a bad name and a forbidden pull are told apart", () => {
  const full = event("Failed", "failed to extract layer: write /var/lib: no space left on device");
  expect(words({ pod: pod(waiting("ErrImagePull")), events: [full] })[0]).toContain("the node has no free disk space");
  expect(words({ pod: pod(waiting("InvalidImageName")) })[0]).toContain("is not a valid image name");
  expect(words({ pod: pod(waiting("ErrImageNeverPull")) })[0]).toContain("is not on the node");
});

test("no memory left on the node", () => {
  const message = "0/1 nodes are available: 1 Insufficient memory. preemption: 0/1 nodes are available: 1 No preemption victims found.";
  const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }];
  expect(words({ pod: pod({ conditions }) })).toEqual([
    "no node has enough free memory for its request → use a larger machine, fewer replicas or smaller requests",
  ]);
});

test("a pending volume, a taint, a full node", () => {
  const unschedulable = (message: string) => words({ pod: pod({ conditions: [{ type: "PodScheduled", status: "False", message }] }) })[0];
  expect(unschedulable("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.")).toContain("its volume is pending");
  expect(unschedulable("0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }.")).toContain(
    "disk-pressure",
  );
  expect(unschedulable("0/1 nodes are available: 1 Too many pods.")).toContain("has reached its maximum number of pods");
});

test("a probe that fails says with which answer, but a container that merely starts says nothing", () => {
  const running = pod({ phase: "Running", ...container({ running: { startedAt: "2026-01-01T00:00:00Z" } }) });
  const events = [
    event("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 500", { lastTimestamp: "2026-01-01T00:00:01Z" }),
    event("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", { lastTimestamp: "2026-01-01T00:00:09Z" }),
    event("Unhealthy", "Startup probe failed", {
      lastTimestamp: "2026-01-01T00:01:00Z",
      involvedObject: { fieldPath: "spec.containers{other}" },
    }),
  ];
  expect(words({ pod: running, events })[0]).toBe(
    "container webapp: Readiness probe failed: HTTP probe failed with statuscode: 503 → see its logs: npx cloudnova logs",
  );
  expect(words({ pod: running })).toEqual([]);
  expect(words({ pod: pod(waiting("ContainerCreating")) })).toEqual([]);
  expect(words({ pod: pod(waiting("PodInitializing")) })).toEqual([]);
});

test("a crash shows its exit code and last lines; a kill for memory shows neither", () => {
  const crashed = (terminated: object) =>
    pod({ phase: "Running", ...container({ waiting: { reason: "CrashLoopBackOff" } }, { restartCount: 4, lastState: { terminated } }) });
  const logs = { webapp: "one\ntwo\nthree\nfour\nfive\nOperationalError: no such host 'mysql'\n" };
  expect(words({ pod: crashed({ exitCode: 1, reason: "Error" }), logs })[0]).toBe(
    "container webapp crashed (exit code 1, 4 times); its last lines:\n    two\n    three\n    four\n    five\n    OperationalError: no such host 'mysql'",
  );
  expect(words({ pod: crashed({ exitCode: 1 }) })[0]).toContain("its log is empty");
  expect(words({ pod: crashed({ exitCode: 137, reason: "OOMKilled" }), logs })[0]).toMatch(
    /exceeded its memory limit.*4 times → raise its limit/,
  );
});

test("an init container that fails is told as well, and one that is done is not", () => {
  const init = (terminated: object) => ({
    initContainerStatuses: [{ name: "migrations", image: "x", ready: false, restartCount: 1, state: { terminated } }],
  });
  expect(words({ pod: pod(init({ exitCode: 2, reason: "Error" })), logs: { migrations: "Access denied" } })[0]).toContain("Access denied");
  expect(words({ pod: pod(init({ exitCode: 0, reason: "Completed" })) })).toEqual([]);
});

test("a Secret without the key that a volume mounts is named with it", () => {
  const grafana = { ...pod(waiting("ContainerCreating")), spec: { volumes: [{ name: "key", secret: { secretName: "grafana-key" } }] } };
  const mount = event("FailedMount", 'MountVolume.SetUp failed for volume "key" : references non-existent secret key: secret-key');
  expect(words({ pod: grafana, events: [mount] })).toEqual([
    expect.stringMatching(/^Secret grafana-key has no key secret-key → the Job 'bootstrap' adds it to a Secret that it generated/),
  ]);
});

test("a missing Secret, whether it is mounted or read into a variable", () => {
  const mount = event("FailedMount", 'MountVolume.SetUp failed for volume "secrets" : secret "mysql-accounts" not found');
  expect(words({ pod: pod(waiting("ContainerCreating")), events: [mount] })[0]).toMatch(
    /^Secret mysql-accounts is missing → the Job 'bootstrap'/,
  );
  expect(words({ pod: pod(waiting("CreateContainerConfigError", 'secret "grafana" not found')) })[0]).toMatch(/^Secret grafana is missing/);
  expect(
    words({ pod: pod(waiting("CreateContainerConfigError", "couldn't find key root in Secret cloudnova/mysql-accounts")) })[0],
  ).toContain("needs the key 'root' of cloudnova/mysql-accounts");
});

test("an evicted pod", () => {
  expect(words({ pod: pod({ phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." }) })[0]).toContain(
    "low on resource: memory",
  );
});

test("pods that are refused: quota, Pod Security, account", () => {
  const quota =
    'Error creating: pods "webapp-x" is forbidden: exceeded quota: small, requested: memory=96Mi, used: memory=0, limited: memory=10Mi';
  expect(controllerTrouble(quota)).toEqual({
    what: expect.stringContaining("a quota rejects its pods: pods"),
    advice: "raise the quota, or request less",
  });
  expect(
    controllerTrouble('Error creating: pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true').what,
  ).toContain("Pod Security rejects");
  expect(
    controllerTrouble('Error creating: pods "x" is forbidden: error looking up service account a/b: serviceaccount "b" not found').what,
  ).toContain("ServiceAccount is missing");
});
