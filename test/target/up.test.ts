import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { kubeconfigOf } from "../../tools/apiserver/settings.ts";
import { type Ended, Program } from "../cli/bundled-program.ts";
import { DOCKER, K3S, KIND, kindNode, Machine, ssh, TEST_PORTS } from "./fake-machine.ts";

// The command line itself, on machines of made-up programs and with no API server behind the kubeconfigs: up to its first request.
jest.setTimeout(60_000);

let program: Program;
let machine: Machine;
/** In the place of the API server of a cluster that is made: it has no TLS, so nothing is asked twice. Where nothing listens, that takes 15 s. */
let noTls: Server;

beforeAll(async () => {
  noTls = createServer();
  await new Promise<void>((resolve) => noTls.listen(0, "127.0.0.1", resolve));
  program = new Program();
  for (const name of ["kind", "k3s-ec2", "stand-ins"]) program.synth(name);
  writeFileSync(join(program.folder, "synth.cjs"), "");
  for (const folder of ["tools", "checkout", "checkout/environments"]) mkdirSync(join(program.folder, folder));
  for (const name of ["kind", "stand-ins"]) {
    // The shipped ones' ports may be taken where the tests run.
    const text = readFileSync(`environments/${name}.yaml`, "utf8");
    expect(text).not.toContain("ingress:");
    writeFileSync(join(checkout(), "environments", `${name}.yaml`), `${text}\ningress: { ports: ${JSON.stringify(TEST_PORTS)} }\n`);
  }
  for (const path of ["environments/k3s-ec2.yaml", "environments/sources", "webapp", "helper", "kind.yaml"])
    symlinkSync(resolve(path), join(checkout(), path));
});
/** A folder as users have it. */
const checkout = () => join(program.folder, "checkout");
afterAll(() => {
  noTls.close();
  program.remove();
});
beforeEach(() => {
  machine = new Machine();
  writeFileSync(join(program.folder, "tools", "cluster.mjs"), machine.tool);
});
afterEach(() => machine.remove());

const kubeconfig = (context: string, server = "https://127.0.0.1:1") => kubeconfigOf(server, "", "x").replaceAll("validate", context);
const withoutTls = () => `https://127.0.0.1:${(noTls.address() as AddressInfo).port}`;
/** kind's context, of a cluster that has this certificate authority. */
const authority = (text: string) =>
  kubeconfig("kind-cloudnova").replace('"certificate-authority":""', `"certificate-authority-data":"${btoa(text)}"`);
const variables = () => ({
  PATH: machine.bin,
  HOME: machine.folder,
  XDG_CACHE_HOME: "",
  TMPDIR: machine.folder,
  DOCKER_HOST: "",
  KUBECONFIG: join(machine.folder, "kubeconfig"),
  K3S_KUBECONFIG_OUTPUT: join(machine.folder, "k3s.yaml"),
  CLOUDNOVA_STATE: join(machine.folder, "remembered"),
});
const start = (...args: readonly string[]) => program.start(["up", ...args], variables(), checkout());
const up = (...args: readonly string[]): Promise<Ended> => start(...args).ended;
/** kind has its cluster already. */
const there = (...node: Parameters<typeof kindNode>) => {
  machine.set("cluster", "cloudnova\n");
  machine.set("nodes", JSON.stringify([kindNode(...node)]));
};
/** @param made the API server of a cluster that is made */
const kind = (made?: string) => {
  machine.program("docker", DOCKER);
  machine.program("kind", KIND);
  writeFileSync(variables().KUBECONFIG, kubeconfig("kind-cloudnova"));
  if (made) machine.set("exports", kubeconfig("kind-cloudnova", made));
};

test("with Docker there: the plan is told, the cluster made, the image loaded, and then the API server asked", async () => {
  kind();
  const { code, stdout, stderr } = await up();
  expect(stderr).toMatch(
    /^plan: 'kind' to target kind \(Docker responds\), context 'kind-cloudnova' \(https:\/\/127\.0\.0\.1:1\); about \d+ min$/m,
  );
  expect(stderr).toMatch(/^ {2}image +cloudnova-webapp:1\.0\.0 is built from webapp\/ and loaded into the cluster/m);
  expect(stderr).toMatch(/^ {2}image +cloudnova-helper:0\.1\.0 is built from helper\/ and loaded into the cluster/m);
  expect(stderr.indexOf("plan:")).toBeLessThan(stderr.indexOf("Creating cluster"));
  expect(machine.calls.filter((call) => /^(kind|docker) (create|build|load)/.test(call))).toEqual([
    "kind create cluster --name cloudnova --config - --wait 120s",
    "docker build --label dev.cloudnova.content=HASH --tag docker.io/library/cloudnova-webapp:1.0.0 webapp",
    "kind load docker-image docker.io/library/cloudnova-webapp:1.0.0 --name cloudnova",
    "docker build --label dev.cloudnova.content=HASH --tag docker.io/library/cloudnova-helper:0.1.0 helper",
    "kind load docker-image docker.io/library/cloudnova-helper:0.1.0 --name cloudnova",
  ]);
  expect(stderr).toMatch(/error: context 'kind-cloudnova': no response from https:\/\/127\.0\.0\.1:1: connection refused/);
  expect(code).toBe(1);
  expect(stdout).toBe("");
});

test("k3s of this machine: its own kubeconfig, image imported", async () => {
  machine.program("k3s", K3S);
  machine.program("docker", DOCKER);
  machine.set("k3s-up");
  writeFileSync(variables().K3S_KUBECONFIG_OUTPUT, kubeconfig("default"));
  const { stderr } = await up("--target", "k3s");
  expect(stderr).toMatch(/plan: 'k3s-ec2' to target k3s \(as requested\), context 'default'/);
  expect(machine.calls.filter((call) => call.startsWith("k3s ctr"))).toEqual([
    "k3s ctr images import TMP/image.tar",
    "k3s ctr images label docker.io/library/cloudnova-webapp:1.0.0 io.cri-containerd.pinned=pinned",
    "k3s ctr images import TMP/image.tar",
    "k3s ctr images label docker.io/library/cloudnova-helper:0.1.0 io.cri-containerd.pinned=pinned",
  ]);
  expect(stderr).toMatch(/no response from .*: connection refused\n {2}→ start it with 'npx cloudnova up k3s-ec2 --target k3s --dist/);
});

describe("a server that ssh reaches", () => {
  const SERVER = "cluster: k3s\nmachine: { instance: t3.small, ssh: ubuntu@203.0.113.7 }\n";
  const kubeconfigOn = "kubeconfig-of-the-server";
  beforeEach(() => {
    writeFileSync(join(checkout(), "environments", "server.yaml"), SERVER);
    program.synth("server", SERVER);
    for (const [name, body] of Object.entries({ ssh: ssh(machine.bin), k3s: K3S, docker: DOCKER })) machine.program(name, body);
    machine.program("cat", `if [ "$1" = /etc/rancher/k3s/k3s.yaml ]; then exec /bin/cat ${kubeconfigOn}; else exec /bin/cat "$@"; fi`);
    machine.set("k3s-up");
    machine.set(kubeconfigOn, kubeconfig("default"));
  });

  test("up brings the image there, and asks its API server", async () => {
    const { code, stderr } = await up("server");
    expect(stderr).toMatch(/^plan: 'server' to target ssh \(as requested\), context 'ubuntu@203\.0\.113\.7' \(through ssh\)/m);
    expect(stderr).toMatch(/^ {2}image +cloudnova-webapp:1\.0\.0 is built from webapp\/ for \w+ and brought by ssh into k3s' containerd/m);
    // Four calls for each of the two images.
    expect(machine.calls.filter((call) => /^(docker (build|save)|k3s ctr)/.test(call))).toHaveLength(8);
    // The made-up ssh forwards nothing.
    expect(stderr).toMatch(/error: context 'ubuntu@203\.0\.113\.7': no connection to https:\/\/127\.0\.0\.1:\d+: connection refused/);
    expect(code).toBe(1);
  });

  test("the plan of a server changes nothing there", async () => {
    const { code, stdout } = await up("k3s-ec2", "--target", "ssh:ubuntu@203.0.113.7", "--plan");
    expect({ code, calls: machine.calls.filter((call) => /^(docker (build|save)|k3s ctr)/.test(call)) }).toEqual({ code: 0, calls: [] });
    expect(stdout).toContain("connect to the server and check whether k3s runs");
  });

  test("an environment of kind is refused", async () => {
    expect((await up("kind", "--target", "ssh:ubuntu@203.0.113.7")).stderr).toMatch(
      /is for a cluster of type 'kind', but the target is ssh/,
    );
  });

  test("a command that finds no connection says why, and ends", async () => {
    machine.set("ssh-fails", "ubuntu@203.0.113.7: Permission denied (publickey).");
    const { code, stderr } = await program.start(["status", "server"], variables(), checkout()).ended;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^error: ssh ubuntu@203\.0\.113\.7: the server does not accept this user or key\n {2}→ /),
    });
  });
});

test.each([
  [["--target", "minikube"], /no such target\n {2}→ allowed are kind, k3s, ssh:USER@HOST and context:NAME/],
  [["--target", "kind"], /kind needs Docker, and Docker does not respond\n {2}→ (install|start) /],
  [["kind", "--target", "context:prod"], /kubeconfig .*: no such file/],
  [["k3s-ec2"], /error: kubeconfig \S+: no such file\n {2}→ give another file with --kubeconfig FILE/],
  [["kind", "--context", "prod", "--target", "kind"], /refer to two clusters/],
])("%j ends with 1, in words, and nothing is changed", async (args, words) => {
  const { code, stdout, stderr } = await up(...args);
  expect(stderr).toMatch(words);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(machine.calls.filter((call) => /create|build|load|import|curl/.test(call))).toEqual([]);
});

test.each([[["--target", "kind"]], [["kind"]], [[]]])("status %j without kind's cluster says how to make it", async (args) => {
  machine.program("docker", DOCKER);
  machine.program("kind", KIND);
  writeFileSync(variables().KUBECONFIG, kubeconfig("another"));
  const { code, stdout, stderr } = await program.start(["status", ...args], variables(), checkout()).ended;
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/error: .*'kind-cloudnova'.*\n {2}→ create it with 'npx cloudnova up kind --dist/);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip; // only root can make a node image

asRoot("where no registry answers, the environment is that of the images that stand in", async () => {
  kind(withoutTls());
  machine.program("go", "exit 0");
  machine.set("registry", "silent");
  machine.set("composition", JSON.stringify({ toBuild: ["kube-apiserver"], minutes: 17, packages: [] }));
  const { code, stderr } = await up();
  expect(code).toBe(1);
  expect(stderr).toMatch(/^plan: 'stand-ins' to target kind \(Docker responds\)/m);
  expect(stderr).toMatch(/build a node image here, because no registry is used.* \(18 min\)$/m);
  expect(stderr).toMatch(
    /No registry image is used: .* once, in about 17 minutes on two idle cores \(kube-apiserver\)\. Continue\?.*--yes/,
  );
  expect(machine.calls.filter((call) => /create cluster|cluster node-image$/.test(call))).toEqual([]);
  const done = await up("--yes");
  expect(done.stderr).toMatch(/cloudnova\.local\/mysql:9\.7\.4: mysql-server-core/);
  expect(machine.calls.filter((call) => /create cluster|cluster node-image$|docker build/.test(call))).toEqual([
    "cluster node-image",
    "kind create cluster --name cloudnova --config - --wait 120s",
    "cluster node-image",
    "docker build --label dev.cloudnova.content=HASH --build-arg BASE_IMAGE=cloudnova.local/python:bookworm-abc --tag docker.io/library/cloudnova-webapp:1.0.0 webapp",
    "cluster node-image",
    "docker build --label dev.cloudnova.content=HASH --build-arg BASE_IMAGE=cloudnova.local/golang:1.26-abc --tag docker.io/library/cloudnova-helper:0.1.0 helper",
  ]);
  expect((await up("kind")).stderr).not.toContain("stand-ins"); // it is there now, and named
});

test("a cluster of the images that stand in is found by every command, also while it is stopped", async () => {
  kind();
  there("exited", { image: "cloudnova.local/node:v1.34.2-abc" });
  expect((await up("--plan")).stdout).toMatch(/^plan: 'stand-ins' to target kind/m);
  expect((await program.start(["status"], variables(), checkout()).ended).stderr).toMatch(
    /its container is stopped\n {2}→ start it with 'npx cloudnova up stand-ins --target kind/,
  );
});

test("while Docker is down, the cluster that was made before is meant, and not k3s", async () => {
  kind();
  machine.program("k3s", K3S);
  writeFileSync(variables().KUBECONFIG, authority("ours"));
  expect((await up("kind")).stderr).toContain("Creating cluster");
  machine.set("docker-down");
  const { code, stderr } = await up("--plan"); // nothing here can install or start it
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^error: kind needs Docker, and Docker does not respond\n/) });
});

test("our own daemon is used where the usual one does not answer: every program is led to it, and its ports are forwarded", async () => {
  kind(withoutTls());
  machine.set("docker-down");
  machine.set("own-docker");
  await up("kind");
  expect(machine.calls.filter((call) => /create cluster|forward|load docker/.test(call))).toEqual([
    "kind create cluster --name cloudnova --config - --wait 120s",
    "cluster forward",
    "kind load docker-image docker.io/library/cloudnova-webapp:1.0.0 --name cloudnova",
    "kind load docker-image docker.io/library/cloudnova-helper:0.1.0 --name cloudnova",
  ]);
});

describe("a cluster that does not answer", () => {
  const down = () => machine.set("docker-down");
  test.each<[string, string, () => void, RegExp]>([
    ["open", "Docker is down", down, /Docker's daemon does not respond/],
    ["verify", "Docker is down", down, /Docker's daemon does not respond/],
    ["status", "Docker is not installed", () => machine.program("docker", "exit 127"), /Docker is not installed/],
    ["status", "its container is stopped", () => there("exited"), /its container is stopped/],
    ["status", "it was deleted", () => undefined, /docker no longer has this cluster/],
  ])("%s says at once that %s, and how to start it", async (command, _, be, words) => {
    kind();
    be();
    const begun = Date.now();
    const { code, stdout, stderr } = await program.start([command, "kind"], variables(), checkout()).ended;
    expect(stderr).toMatch(words);
    expect(stderr).toMatch(/error: context 'kind-cloudnova': no response from .*\n {2}→ start it with 'npx cloudnova up kind --dist/);
    expect({ code: code === 0, stdout }).toEqual({ code: false, stdout: "" });
    expect(Date.now() - begun).toBeLessThan(20_000);
  });
});

describe("a cluster that is there already", () => {
  const changes = () => machine.calls.filter((call) => /^(kind|docker) (create|build|load)/.test(call));

  test("is not used by a bare up unless this checkout's up has made it: it is named, and the command to give", async () => {
    kind();
    there("running");
    const { code, stderr } = await up();
    expect(stderr).toMatch(/The cluster 'kind-cloudnova' \(https:\/\/127\.0\.0\.1:1\) exists already/);
    expect(stderr).toMatch(/→ .*: npm run up -- kind --target kind --yes$/m);
    expect({ code, changes: changes() }).toEqual({ code: 1, changes: [] });
    const asks = async (...args: readonly string[]) => (await up("--plan", ...args)).stdout.includes("exists already");
    expect([await asks(), await asks("--target", "kind"), await asks("kind")]).toEqual([true, false, false]);
  });

  test("is used at once where up has made it, and not when another has taken its name", async () => {
    kind();
    writeFileSync(variables().KUBECONFIG, authority("ours"));
    expect((await up()).stderr).toContain("Creating cluster");
    expect((await up("--plan")).stdout).not.toContain("exists already");
    writeFileSync(variables().KUBECONFIG, authority("another"));
    expect((await up("--plan")).stdout).toContain("exists already");
  });
});

test.each([[[]], [["--output", "json"]]])("--plan %j tells the plan on standard output, and does nothing", async (more) => {
  kind();
  const { code, stdout, stderr } = await up("--plan", ...more);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(more.length > 0 ? /"target": "kind"[\s\S]*"step": "synth"/ : /^plan: 'kind' to target kind[\s\S]*^ {2}verify /m);
  expect(machine.calls.filter((call) => /create|build|load|start|export/.test(call))).toEqual([]);
  expect(machine.has("node-image")).toBe(false); // asked for, and not pulled
  there("running");
  expect((await up("--plan")).stdout).toMatch(/^it would ask: The cluster 'kind-cloudnova'/m);
});

test("synth speaks the language that was asked for", async () => {
  kind();
  writeFileSync(join(program.folder, "synth.cjs"), "console.error('synth', ...process.argv.slice(2)); process.exitCode = 1");
  const { stderr } = await up("kind", "--language", "es");
  writeFileSync(join(program.folder, "synth.cjs"), "");
  expect(stderr).toMatch(/^synth --quiet --outdir \S+ --language es kind$/m);
});

test("what to change in the environment's file is printed once", async () => {
  kind();
  const file = join(program.folder, "deprecated.yaml");
  writeFileSync(file, `cluster: kind\nmachine: { memory: 4Gi, cpu: "2" }\nwebapp: { replicas: 1 }\n`);
  expect((await up(file, "--plan")).stderr.match(/webapp at the top is deprecated/g)).toHaveLength(1);
});

test("what an environment allows that weakens it is printed once, before anything is done", async () => {
  kind();
  const file = join(program.folder, "plain.yaml");
  writeFileSync(
    file,
    // Ports of its own: a cluster of this machine may have the usual ones.
    `cluster: kind\nmachine: { memory: 4Gi, cpu: "2" }\ningress: { ports: { http: 38080, https: 38443 } }\napplications: { tienda: { image: tienda:1, podSecurity: baseline } }\n`,
  );
  const { stderr } = await up(file, "--plan");
  expect(stderr.match(/WITHOUT TLS|MAY RUN AS ROOT/g)).toEqual(["MAY RUN AS ROOT", "WITHOUT TLS"]);
});

test("Ctrl-C while the cluster is made ends kind in order, and this with 130 and how to go on", async () => {
  kind();
  machine.set("slow");
  machine.set("node-image");
  const { child, ended } = start("--target", "kind");
  while (!machine.has("creating") && child.exitCode === null) await sleep(20);
  child.kill("SIGINT");
  const { code, stderr } = await ended;
  expect(code).toBe(130);
  expect(stderr).toMatch(/interrupted; run the same command again/);
  expect(machine.has("kind-stopped")).toBe(true);
});
