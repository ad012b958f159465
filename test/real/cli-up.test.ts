import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { contentOf, ownBuild } from "../../src/target/build.ts";
import { BUILT_HERE, IMAGES } from "../../src/versions.ts";
import { DOCKER, KIND, kindNode, Machine } from "../target/fake-machine.ts";
import { commandLine } from "./command-line.ts";

// up and down, and who may use them where.
jest.setTimeout(180_000);
const { running, cloudnova, admin, own } = commandLine();

describe("up", () => {
  // No kubelet here: nothing ever runs, so the Job of the secrets and all the rest are waited for in vain.
  const args = ["up", "kind", "--no-synth", "--no-doctor", "--no-verify", "--timeout", "2"];
  const up = () => running().program.run(...args, "--kubeconfig", running().kubeconfig);

  test("sends what needs no Secret with the Job that makes them, the rest after it, and says what is not up", async () => {
    const { code, stdout, stderr } = await up();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^plan: 'kind' to target context \(as requested\), context 'validate' \(https:\/\/127\.0\.0\.1:\d+\)/);
    const sent = (name: string) => running().proxy.writes.findIndex(({ path }) => path.includes(name));
    expect(sent("/jobs/bootstrap-")).toBeLessThan(sent("/statefulsets/mysql"));
    expect(sent("/statefulsets/prometheus")).toBeLessThan(sent("/statefulsets/mysql"));
    // The ninth is the first backup: nothing waits for it.
    expect(stdout).toContain("8 of 9 workloads are not ready");
    running().proxy.reset();
    expect((await up()).stdout).toContain("nothing was changed");
    expect(running().proxy.writes).toEqual([]);
  });

  test("the server gone while the secrets are waited for: in words, and the next up goes on", async () => {
    let jobs = 0;
    running().proxy.fault = ({ method, path }) => {
      if (method === "PATCH" && path.includes("/jobs/")) jobs++;
      return jobs > 0 && method === "GET" ? "drop" : "pass";
    };
    const { code, stdout, stderr } = await up();
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: context 'validate': no connection/);
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
    expect(stdout).not.toContain("StatefulSet cloudnova/mysql");
    running().proxy.reset();
    expect(await own("get", "lease", "-o", "name")).toBe("");
    expect((await up()).stdout).toContain("created     StatefulSet cloudnova/mysql");
    expect((await cloudnova("diff", "--full")).code).toBe(0);
  });

  test("two at once: one waits for the other", async () => {
    const both = await Promise.all([up(), up()]);
    expect(both.map(({ stderr }) => stderr).join()).toContain("is changing this environment");
    expect((await cloudnova("diff", "--full")).code).toBe(0);
  });
});

describe("up on kind's cluster of this machine", () => {
  const IMAGE = "cloudnova-webapp:1.0.0";
  const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
  let machine: Machine;
  const up = (environment: string, ...args: readonly string[]) => {
    const variables = {
      PATH: machine.bin,
      HOME: machine.folder,
      DOCKER_HOST: "",
      CLOUDNOVA_STATE: join(machine.folder, "remembered"),
      KUBECONFIG: join(machine.folder, "kubeconfig"),
    };
    // Nothing here starts a pod.
    return running().program.start(["up", environment, "--no-synth", "--no-doctor", "--no-verify", "--timeout", "1", ...args], variables)
      .ended;
  };
  /** What crictl reports about an image on the node, as containerd 2 has it. The stub has one answer for all images that are built here. */
  const onNode = (id: string, manifest: string) =>
    JSON.stringify({
      status: {
        id: digest(id),
        repoTags: [`docker.io/library/${IMAGE}`],
        repoDigests: [`docker.io/library/import-2026-11-27@${digest(manifest)}`],
        size: "93184000",
        username: "10001",
        pinned: false,
      },
      info: {
        imageSpec: { config: { Labels: Object.fromEntries(BUILT_HERE.map((name) => [name, contentOf(ownBuild(name, IMAGES[name]))])) } },
      },
    });
  /** A pod of the web application, and the digest that the kubelet reports. */
  async function podRuns(imageID: string): Promise<void> {
    const { spec, metadata } = JSON.parse(await own("get", "deployment", "webapp", "-o", "json"));
    const file = join(running().program.folder, "pod.json");
    const { labels } = spec.template.metadata;
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "webapp-1", namespace: metadata.namespace, labels },
      spec: spec.template.spec,
    };
    writeFileSync(file, JSON.stringify(pod));
    await own("delete", "pod", "webapp-1", "--ignore-not-found", "--force");
    await admin("create", "--validate=false", "-f", file);
    const state = { running: { startedAt: "2026-11-27T00:00:00Z" } };
    const status = { containerStatuses: [{ name: "webapp", image: IMAGE, imageID, ready: true, restartCount: 0, started: true, state }] };
    await own("patch", "pod", "webapp-1", "--subresource=status", "--type=merge", "-p", JSON.stringify({ status }));
  }

  /** A node whose kubelet has reported since its start: `up` waits for that. */
  async function nodeReports(): Promise<void> {
    const name = "cloudnova-control-plane";
    const now = new Date().toISOString();
    const lease = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: now.replace("Z", "000Z") };
    const objects = [
      { apiVersion: "v1", kind: "Node", metadata: { name } },
      { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name, namespace: "kube-node-lease" }, spec: lease },
    ];
    const file = join(running().program.folder, "node.json");
    writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
    await admin("apply", "--server-side", "--force-conflicts", "-f", file);
    const ready = { type: "Ready", status: "True", reason: "KubeletReady", message: "", lastHeartbeatTime: now, lastTransitionTime: now };
    await admin("patch", "node", name, "--subresource=status", "--type=merge", "-p", JSON.stringify({ status: { conditions: [ready] } }));
  }

  beforeEach(async () => {
    await nodeReports();
    machine = new Machine();
    machine.program("docker", DOCKER);
    machine.program("kind", KIND);
    machine.set("cluster", "cloudnova\n");
    machine.set("nodes", JSON.stringify([kindNode("running", { ports: { 30080: 8080, 30443: 8443 } })]));
    machine.set("in-node", onNode("a", "b"));
    const text = readFileSync(running().kubeconfig, "utf8").replaceAll("validate", "kind-cloudnova");
    writeFileSync(join(machine.folder, "kubeconfig"), text);
  });
  afterEach(() => machine.remove());

  test("pods of an earlier build of the image are replaced, and no others", async () => {
    expect((await up("kind")).stdout).not.toContain("restarted");
    await own("create", "serviceaccount", "default"); // the controllers that make it do not run here
    await podRuns(`docker.io/library/import-2026-11-26@${digest("c")}`);
    const { stdout } = await up("kind");
    expect(stdout).toContain(`Deployment cloudnova/webapp restarted: its pods ran an earlier build of ${IMAGE}`);
    const restarted = "jsonpath={.spec.template.metadata.annotations.kubectl\\.kubernetes\\.io/restartedAt}";
    const first = await own("get", "deployment", "webapp", "-o", restarted);
    expect(Date.now() - Date.parse(first)).toBeLessThan(60_000);
    expect((await cloudnova("diff", "--full")).stdout).toBe("no difference: the cluster matches the manifests\n");
    expect((await cloudnova("apply", "--full")).stdout).toContain("nothing was changed");
    for (const same of [`docker.io/library/import-2026-11-26@${digest("b")}`, digest("a")]) {
      await podRuns(same);
      expect((await up("kind")).stdout).not.toContain("restarted");
      expect(await own("get", "deployment", "webapp", "-o", restarted)).toBe(first);
    }
  });

  test("--yes confirms that a copy of the environment replaces it", async () => {
    await cloudnova("apply");
    const copy = join(running().program.folder, "mine.yaml");
    const text = readFileSync("environments/kind.yaml", "utf8");
    writeFileSync(copy, text);
    running().program.synth("mine", text);
    const { code, stderr } = await up(copy);
    expect(code).toBe(1);
    expect(stderr).toMatch(/→ .*to replace it and keep its data: 'npx cloudnova up \S+mine\.yaml --target kind .*--adopt'/);
    await up(copy, "--yes");
    expect(JSON.parse(await own("get", "configmap", "cloudnova-inventory", "-o", "json")).data.environment).toBe("mine");
  });
});

describe("down", () => {
  test("needs a confirmation; keeps volumes and namespaces, and the next apply finds them", async () => {
    await cloudnova("apply");
    const unasked = await cloudnova("down");
    expect(unasked.code).toBe(1);
    expect(unasked.stderr).toContain("--yes");
    const { code, stdout } = await cloudnova("down", "--yes");
    expect(code).toBe(0);
    expect(stdout.indexOf("Ingress cloudnova/webapp")).toBeLessThan(stdout.indexOf("StatefulSet cloudnova/mysql"));
    expect(stdout.indexOf("StatefulSet cloudnova/mysql")).toBeLessThan(stdout.indexOf("ConfigMap cloudnova/mysql"));
    const left = await own("get", "persistentvolumeclaim,configmap,deployment,statefulset,service,ingress", "-o", "name");
    expect(left.trim().split("\n").sort()).toEqual([
      "configmap/cloudnova-inventory",
      "persistentvolumeclaim/alertmanager-data",
      "persistentvolumeclaim/backup-data",
      "persistentvolumeclaim/grafana-data",
      "persistentvolumeclaim/mysql-data",
      "persistentvolumeclaim/prometheus-data",
    ]);
    expect((await cloudnova("status")).stdout).toMatch(
      /^'kind' was removed and its data is kept; 'npx cloudnova up kind .*' brings it back\n/,
    );
    expect((await cloudnova("down", "--yes")).code).toBe(0);
    expect((await cloudnova("apply")).code).toBe(0);
  });

  test("--delete-data takes all, but no namespace with something of others in it", async () => {
    await cloudnova("apply");
    await admin("-n", "cloudnova-host", "create", "deployment", "theirs", "--image=theirs");
    await admin("-n", "cloudnova-host", "create", "secret", "generic", "password-of-theirs");
    const { code, stdout, stderr } = await cloudnova("down", "--delete-data", "--yes", "--timeout", "2");
    expect(code).toBe(0);
    expect(stdout).toContain("deleted     Namespace cloudnova\n");
    expect(stdout).toContain(
      "kept        Namespace cloudnova-host: it also contains objects that are not part of this environment: Deployment cloudnova-host/theirs, Secret cloudnova-host/password-of-theirs",
    );
    expect(stderr).toContain("namespace cloudnova is still terminating"); // nothing here ever ends it
    const claims = JSON.parse(await own("get", "persistentvolumeclaim", "-o", "json")).items;
    expect(claims.filter(({ metadata }: { metadata: { deletionTimestamp?: string } }) => !metadata.deletionTimestamp)).toEqual([]);
  });
});

describe("who may, and where", () => {
  test("another environment in the same namespace is refused, and taken over on request", async () => {
    await cloudnova("apply");
    running().program.synth("renamed", "cluster: kind\nmachine: { memory: 4Gi, cpu: '2' }\n");
    const args = ["apply", "renamed", "--kubeconfig", running().kubeconfig];
    const { code, stderr } = await running().program.run(...args);
    expect(code).toBe(1);
    expect(stderr).toContain("namespace cloudnova contains the environment 'kind', not 'renamed'");
    expect(stderr).toMatch(/→ to replace 'kind' and keep its data: 'npx cloudnova apply renamed .*--adopt'/);
    expect((await running().program.run(...args, "--adopt")).code).toBe(0);
  });

  describe("the environment was copied to another name", () => {
    let copy: string;
    const other = (command: string, file: string, ...args: readonly string[]) =>
      running().program.start([command, file, "--kubeconfig", running().kubeconfig, "--context", "validate", ...args], { PATH: "" }).ended;
    const up = (...args: readonly string[]) => other("up", copy, "--no-synth", "--no-doctor", "--no-verify", "--timeout", "1", ...args); // nothing here starts a pod
    const recorded = async () => JSON.parse(await own("get", "configmap", "cloudnova-inventory", "-o", "json")).data.environment;

    beforeEach(async () => {
      await cloudnova("apply");
      const text = `${readFileSync("environments/kind.yaml", "utf8")}\napplications: { webapp: { sample: { replicas: 1 } } }\n`;
      copy = join(running().program.folder, "mine.yaml");
      writeFileSync(copy, text);
      running().program.synth("mine", text);
    });

    test("diff compares the two, and names the command that replaces one with the other", async () => {
      const { code, stdout, stderr } = await other("diff", "mine");
      expect(code).toBe(1);
      expect(stdout).toMatch(/^Deployment cloudnova\/webapp will be changed$[\s\S]*^-.*replicas: 2$\n^\+.*replicas: 1$/m);
      expect(stderr).toMatch(/namespace cloudnova contains the environment 'kind'; 'npx cloudnova up mine .*--adopt' replaces it/);
      expect(await recorded()).toBe("kind");
    });

    test("up asks, and names the command where there is no terminal, also with --yes on a cluster that is not of this machine", async () => {
      for (const more of [[], ["--yes"]]) {
        const { code, stderr } = await up(...more);
        expect({ code, environment: await recorded() }).toEqual({ code: 1, environment: "kind" });
        expect(stderr).toMatch(
          /→ namespace cloudnova contains the environment 'kind'; to replace it and keep its data: 'npx cloudnova up \S+mine\.yaml .*--adopt'/,
        );
      }
      const { stdout, stderr } = await up("--adopt");
      expect(stderr).toContain("namespace cloudnova belonged to 'kind': its volumes and passwords are used from now on");
      expect({ changed: stdout.includes("changed     Deployment cloudnova/webapp"), environment: await recorded() }).toEqual({
        changed: true,
        environment: "mine",
      });
      const gone = await cloudnova("down", "--yes");
      expect(gone.code).toBe(1);
      expect(gone.stderr).toMatch(
        /contains the environment 'mine', not 'kind'\n {2}→ to delete that environment: 'npx cloudnova down mine /,
      );
      expect((await other("down", "mine", "--yes")).code).toBe(0);
    });

    test("what down has kept is no obstacle: the next environment uses it", async () => {
      await cloudnova("down", "--yes");
      const { code, stderr } = await other("apply", "mine");
      expect({ code, environment: await recorded() }).toEqual({ code: 0, environment: "mine" });
      expect(stderr).toContain("namespace cloudnova belonged to 'kind': its volumes and passwords are used from now on");
    });
  });

  test("wrong credentials", async () => {
    const wrong = running().program.kubeconfig(running().api.url, running().api.ca, "expired");
    const { code, stderr } = await running().program.run("apply", "kind", "--kubeconfig", wrong);
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: context 'validate': the cluster rejects these credentials.*\n {2}→ log in again/);
  });

  test("an account without rights", async () => {
    await admin("-n", "default", "create", "serviceaccount", "reader");
    const weak = running().program.kubeconfig(
      running().api.url,
      running().api.ca,
      await running().api.serviceAccountToken("default", "reader"),
    );
    const { code, stdout, stderr } = await running().program.run("apply", "kind", "--kubeconfig", weak);
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(/not allowed: .*system:serviceaccount:default:reader/);
    const doctor = await running().program.run("doctor", "kind", "--kubeconfig", weak);
    expect(doctor.stdout).toContain("✖ permissions: this account may not patch namespaces");
  });

  test("a server that is not there, one with another certificate, and one that is no k3s", async () => {
    const nowhere = running().program.kubeconfig("https://127.0.0.1:1", running().api.ca, "x");
    const gone = await running().program.run("status", "kind", "--kubeconfig", nowhere);
    expect(gone.stderr).toContain("no connection to https://127.0.0.1:1: connection refused (ECONNREFUSED)");
    const other = join(running().program.folder, "other.crt");
    writeFileSync(other, rootCertificates[0] ?? ""); // any authority that has not signed the server's
    const untrusted = await running().program.run(
      "status",
      "kind",
      "--kubeconfig",
      running().program.kubeconfig(running().api.url, other, "x"),
    );
    expect(untrusted.stderr).toContain("its certificate is not signed by the CA in the kubeconfig");
    running().program.synth("k3s-ec2");
    const k3s = await running().program.run("apply", "k3s-ec2", "--kubeconfig", running().kubeconfig);
    expect(k3s.stderr).toContain("it is specific to k3s");
  });
});
