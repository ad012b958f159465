import { readFileSync } from "node:fs";
import { planText } from "../../src/cli/plan-text.ts";
import { loadEnvironment } from "../../src/config/load.ts";
import { setLocale } from "../../src/language.ts";
import { ssh } from "../../src/messages/ssh.ts";
import type { Build } from "../../src/target/build.ts";
import type { MachineFacts, Needs } from "../../src/target/facts.ts";
import { fullName, isLocal } from "../../src/target/image.ts";
import { optionsMissing } from "../../src/target/kernel.ts";
import type { KindNode } from "../../src/target/kind.ts";
import { namedTarget, type Target } from "../../src/target/names.ts";
import { addressOf } from "../../src/target/place.ts";
import { type Delivery, type Plan, pickTarget, planUp, type StepName } from "../../src/target/up-plan.ts";
import { IMAGES, K3S_VERSION, KIND_MINIMUM, KIND_NODE_IMAGE, KIND_VERSION, minorOf } from "../../src/versions.ts";
import { failure } from "./failure.ts";

const docker: MachineFacts["docker"] = { state: "answers", own: false, memory: 8192, cpus: 4, cgroup: 2 };
const kindThere = { version: "v0.33.0" };
const bare: MachineFacts = {
  docker: { state: "absent" },
  podman: false,
  buildah: false,
  kind: {},
  engine: "docker",
  kindCluster: undefined,
  made: false,
  k3s: "impossible",
  machine: { linux: true, root: false, apt: true, systemd: true, go: false, curl: true, kernelMissing: [], dockerPackages: ["docker.io"] },
};
/** A machine on which all of it runs already. */
const well: Partial<MachineFacts> = { docker, kind: kindThere, kindCluster: [] };
/** Root on Debian without systemd, and nothing installed. */
const fresh = { ...bare.machine, root: true, systemd: false, go: true, dockerPackages: ["docker.io", "slirp4netns"] };
const node: KindNode = { name: "n", controlPlane: true, image: "i", status: "running", started: 0, created: 0, ports: {} };

function plan(
  facts: Partial<MachineFacts>,
  named?: Target,
  options: {
    cluster?: "kind" | "k3s";
    image?: string;
    helper?: string;
    without?: StepName[];
    needs?: Needs;
    memory?: number;
    sample?: boolean;
    applications?: { name: string; image: string; build?: Build }[];
  } = {},
): Plan {
  const all = { ...bare, ...facts };
  const picked = named?.name ?? pickTarget(all).target;
  const cluster = options.cluster ?? (picked === "context" ? "k3s" : picked);
  const images = { ...IMAGES, webapp: options.image ?? IMAGES.webapp, helper: options.helper ?? IMAGES.helper };
  const machine = { memory: options.memory ?? 2048, cpu: 2000, system: { memory: 0, cpu: 0 } };
  const { needs = { nodeImage: true }, applications = [] } = options;
  return planUp({
    environment: "trial",
    config: { cluster, images, machine, sample: options.sample ?? true, applications } as never,
    builds: applications.flatMap(({ build }) => build ?? []),
    named,
    without: new Set(options.without),
    facts: all,
    needs,
    kindName: "cloudnova",
  });
}
const clusterStep = ({ steps }: Plan) => steps.find(({ step }) => step === "cluster");

describe("the target of a fresh machine", () => {
  const table: Record<string, [Partial<MachineFacts>, Plan["target"], RegExp | undefined]> = {
    "Docker responds": [well, "kind", undefined],
    "Docker responds, and k3s is there too": [{ ...well, k3s: "installed" }, "kind", undefined],
    "kind is told to use podman": [{ podman: true, engine: "podman", kind: kindThere, kindCluster: [] }, "kind", undefined],
    "k3s is installed": [{ k3s: "installed", buildah: true }, "k3s", undefined],
    "k3s can be installed": [
      { k3s: "installable", podman: true },
      "k3s",
      /Download its installer from https:\/\/get\.k3s\.io and run it as root, for v1\.34\.\d+\+k3s\d\?/,
    ],
    "Docker is down, and kind's cluster was made before": [
      { docker: { state: "down" }, made: true, k3s: "installed", kind: kindThere, machine: { ...fresh, dockerPackages: [] } },
      "kind",
      undefined,
    ],
    "Docker is installed, but down": [
      { docker: { state: "down" }, kind: kindThere, machine: { ...fresh, dockerPackages: [] }, k3s: "installable" },
      "kind",
      undefined,
    ],
    "Docker can be installed": [
      { machine: fresh },
      "kind",
      /Run 'apt-get install -y docker\.io slirp4netns'\? .*Build kind v0\.33\.0 from its Go module\?/,
    ],
  };
  test.each(Object.entries(table))("%s", (_, [facts, target, question]) => {
    const made = plan(facts);
    expect(made.target).toBe(target);
    if (question) expect(made.question).toMatch(question);
    else expect(made.question).toBeUndefined();
  });
  test("where nothing can be made it is said what to install", () => {
    expect(failure(() => plan({}))).toMatch(/no cluster can be created here: .* → install Docker .*--context NAME/);
    expect(failure(() => plan({ docker: { state: "denied" }, machine: fresh }))).toMatch(/no cluster can be created here/);
  });
});

describe("what kind's cluster takes", () => {
  const kind: Target = { name: "kind" };
  const failures: Record<string, [Partial<MachineFacts>, Needs | undefined, RegExp]> = {
    "Docker absent, not root": [{}, undefined, /kind needs Docker.* → install them .*: sudo apt-get install -y docker\.io$/],
    "Docker absent, not Debian": [{ machine: { ...bare.machine, apt: false } }, undefined, /→ install Docker \(https:/],
    "Docker down, not root": [{ docker: { state: "down" } }, undefined, /→ start it: 'sudo systemctl start docker'/],
    "Docker Desktop down": [{ docker: { state: "down" }, machine: { ...fresh, linux: false } }, undefined, /→ start Docker Desktop/],
    "Docker for others only": [{ docker: { state: "denied" } }, undefined, /this user may not use it → may this user use Docker|→ .*group/],
    "DOCKER_HOST leads nowhere": [
      { docker: { state: "down" }, machine: { ...fresh, dockerHost: "tcp://10.0.0.1:2376" } },
      undefined,
      /no Docker daemon responds at DOCKER_HOST \(tcp:\/\/10\.0\.0\.1:2376\) → start that daemon, or unset DOCKER_HOST/,
    ],
    "neither kind nor Go nor curl, not root": [
      { ...well, kind: {}, machine: { ...bare.machine, curl: false } },
      undefined,
      /packages are missing: curl → .*sudo apt-get install -y curl$/,
    ],
    "no registry": [
      well,
      { nodeImage: false, registry: "silent" },
      /node image kindest\/node:v1\.34.* cannot be pulled .* → no registry responds.*up stand-ins/,
    ],
    "a registry that limits": [well, { nodeImage: false, registry: "limited" }, /→ Docker Hub limits anonymous pulls.*key registry/],
    "packages for a node image, not root": [
      well,
      { nodeImage: false, composition: { toBuild: [], minutes: 2, packages: ["mmdebstrap", "skopeo"] } },
      /packages are missing: mmdebstrap, skopeo → .*sudo apt-get install -y mmdebstrap skopeo$/,
    ],
  };
  test.each(Object.entries(failures))("%s is told before anything is done", (_, [facts, needs, words]) => {
    expect(failure(() => plan(facts, kind, { needs }))).toMatch(words);
  });

  test("all that is missing is asked for at once, and installed in one line", () => {
    const composition = { toBuild: ["kube-apiserver", "kubelet"], minutes: 17, packages: ["mmdebstrap", "slirp4netns"] };
    const made = plan({ machine: fresh }, kind, { needs: { nodeImage: false, composition }, image: "cloudnova.local/web:1" });
    expect(made.packages).toEqual(["docker.io", "slirp4netns", "mmdebstrap"]);
    expect(made.question).toMatch(
      /^Packages are missing\. Run 'apt-get install -y docker\.io slirp4netns mmdebstrap'\? the program kind is missing\. Build kind v0\.33\.0 .*\? .*about 17 minutes.*\(kube-apiserver, kubelet\)\. Continue\?$/,
    );
    expect(clusterStep(made)?.does).toMatch(
      /^install docker\.io .*; start a Docker daemon in a separate network namespace.*; build kind .*; build a node image here/,
    );
    expect(clusterStep(made)?.seconds).toBe(60 + 5 + 90 + 40 + 17 * 60);
  });

  test("what a kind that is too old needs instead is said", () => {
    expect(plan({ ...well, kind: { outdated: "v0.29.0" } }, kind).question).toBe(
      "kind v0.29.0 is too old for the node image, which needs v0.32.0. Download kind v0.33.0 from kind.sigs.k8s.io?",
    );
  });

  test("times follow from what is there", () => {
    const seconds = (facts: Partial<MachineFacts>, needs: Needs, step: StepName) =>
      plan(facts, kind, { needs }).steps.find((one) => one.step === step)?.seconds;
    const there = (status: string) => ({ ...well, kindCluster: [{ ...node, status }] });
    expect([
      seconds(there("running"), { nodeImage: true }, "cluster"),
      seconds(there("exited"), { nodeImage: true }, "cluster"),
      seconds(well, { nodeImage: true }, "cluster"),
      seconds(well, { nodeImage: false, registry: "answers" }, "cluster"),
    ]).toEqual([2, 30, 40, 220]);
    expect(
      (["absent", "built", "delivered"] as const).map((image) =>
        seconds(well, { nodeImage: true, delivered: new Map([[IMAGES.webapp, image]]) }, "image"),
      ),
    ).toEqual([120, 15, 1]);
    expect([seconds(there("running"), { nodeImage: true }, "wait"), seconds(well, { nodeImage: true }, "wait")]).toEqual([40, 180]);
  });

  test("Docker's own memory is held against the environment's machine", () => {
    expect(plan(well, kind, { memory: 8192 }).notes).toEqual([]);
    expect(plan({ ...well, docker: { ...docker, memory: 1990 } as MachineFacts["docker"] }, kind, { memory: 4096 }).notes).toEqual([
      "Docker has 1990 MiB of memory, the environment needs 4096 MiB: give Docker more (Docker Desktop: Settings, Resources), or lower machine.memory",
    ]);
  });
});

describe("what the node image meets here", () => {
  const kind: Target = { name: "kind" };
  const needs = (...images: string[]): Needs => ({ nodeImage: true, images });
  const old = { ...well, docker: { ...docker, cgroup: 1 } as MachineFacts["docker"] };
  test("a Kubernetes that was not checked is told, those that were are not", () => {
    expect(plan(well, kind, { needs: needs("kindest/node:v1.37.0@sha256:a1ed") }).notes).toEqual([
      "the cluster's nodes run Kubernetes v1.37.0; tested versions are 1.33, 1.34, 1.35",
    ]);
    expect(
      plan(well, kind, { needs: needs("kindest/node:v1.34.11", "cloudnova.local/node:v1.34.2-abc", "mirror:5000/node") }).notes,
    ).toEqual([]);
  });
  test("cgroup v1 and a kubelet that refuses it are refused before anything is made", () => {
    expect(failure(() => plan(old, kind, { needs: needs("kindest/node:v1.35.8") }))).toMatch(
      /Kubernetes v1\.35\.8 does not start here: this machine has cgroup v1 → .*1\.34 supports v1 and v2/,
    );
    expect(plan(old, kind, { needs: needs("kindest/node:v1.34.11") }).notes).toEqual([]);
    expect(plan(well, kind, { needs: needs("kindest/node:v1.35.8") }).notes).toEqual([]);
  });
  test("a kernel on which policies are not enforced is told, by what enforces them", () => {
    const without = (...kernelMissing: MachineFacts["machine"]["kernelMissing"]) => ({
      ...well,
      machine: { ...bare.machine, kernelMissing },
    });
    const note = "this kernel was built without CONFIG_NFT_QUEUE: this cluster does not enforce NetworkPolicies; everything else works";
    expect(plan(without("NFT_QUEUE"), kind).notes).toEqual([note]);
    expect(plan(without("NFT_QUEUE"), kind, { image: "cloudnova.local/web:1" }).notes).toEqual([]);
    expect(plan(without("IP_SET"), kind, { image: "cloudnova.local/web:1" }).notes).toEqual([note.replace("NFT_QUEUE", "IP_SET")]);
    expect(optionsMissing("CONFIG_NETFILTER_NETLINK_QUEUE=y\n# CONFIG_NFT_QUEUE is not set\nCONFIG_IP_SET=m\n")).toEqual(["NFT_QUEUE"]);
  });
});

describe("a target that was named", () => {
  const failures: Record<string, [Partial<MachineFacts>, Target, RegExp]> = {
    "k3s on a machine that cannot have it": [{}, { name: "k3s" }, /needs Linux with systemd or OpenRC, and root/],
    "no builder for the image": [
      { k3s: "installed" },
      { name: "k3s" },
      /no program here can build it: docker, podman and buildah are missing/,
    ],
  };
  test.each(Object.entries(failures))("%s is told before anything is done", (_, [facts, target, words]) => {
    expect(failure(() => plan(facts, target))).toMatch(words);
  });
  test("an environment for another kind of cluster is refused", () => {
    expect(failure(() => plan({}, { name: "kind" }, { cluster: "k3s" }))).toMatch(
      /'trial' is for a cluster of type 'k3s', but the target is kind/,
    );
  });
  test("a context's cluster is never made, nor an image brought to it", () => {
    const made = plan(well, { name: "context", context: "prod" });
    expect(made.steps.map(({ step }) => step)).toEqual(["synth", "image", "image", "doctor", "apply", "wait", "verify"]);
    expect(made.images).toMatchObject([{ delivery: { by: "user" } }, { delivery: { by: "user" } }]);
  });
  test("in Spanish as well", () => {
    setLocale("es");
    const { why, steps } = plan(well, { name: "kind" });
    setLocale("en");
    expect(why).toBe("como se indicó");
    expect(steps.map(({ does }) => does)).toContain("crear el clúster de kind «cloudnova» con los puertos del entorno");
    expect(plan(well, { name: "kind" }).why).toBe("as requested");
  });
  test("steps that the user leaves out are not in the plan", () => {
    expect(plan(well, { name: "kind" }, { without: ["synth", "doctor", "verify"] }).steps.map(({ step }) => step)).toEqual([
      "cluster",
      "image",
      "image",
      "apply",
      "wait",
    ]);
  });
});

describe("the image of the web application", () => {
  const kind: Target = { name: "kind" };
  const OWN = IMAGES.webapp;
  const table: Record<string, [Partial<MachineFacts>, Target, string, Delivery]> = {
    "kind, Docker": [{ ...well, podman: true }, kind, OWN, { by: "kind", builder: "docker" }],
    "kind, podman alone": [
      { podman: true, engine: "podman", kind: kindThere, kindCluster: [] },
      kind,
      OWN,
      { by: "kind", builder: "podman" },
    ],
    "k3s, buildah alone": [{ k3s: "installed", buildah: true }, { name: "k3s" }, OWN, { by: "k3s", builder: "buildah" }],
    "the shipped one with a new tag": [well, kind, "cloudnova-webapp:1.0.1-dev", { by: "kind", builder: "docker" }],
    "the shipped one, for a context": [well, { name: "context", context: "c" }, OWN, { by: "user" }],
    "another name, kind": [well, kind, "web:1", { by: "named" }],
    "another name, k3s, and nothing that builds": [{ k3s: "installed" }, { name: "k3s" }, "web:1", { by: "named" }],
    "another name, for a context": [{}, { name: "context", context: "c" }, "web:1", { by: "named" }],
    "a digest, which nothing can be built under": [well, kind, `cloudnova-webapp@sha256:${"0".repeat(64)}`, { by: "named" }],
    "podman's name for a local image": [
      { podman: true, engine: "podman", kind: kindThere, kindCluster: [] },
      kind,
      "localhost/web:1",
      { by: "named" },
    ],
    "from a registry": [{ k3s: "installed" }, { name: "k3s" }, "registry.example:5000/web:1", { by: "registry" }],
    "of an owner": [well, kind, "somebody/web:1", { by: "registry" }],
    "a stand-in of kind's node image": [well, kind, "cloudnova.local/web:1", { by: "cluster" }],
    "that name, elsewhere": [{ k3s: "installed" }, { name: "k3s" }, "cloudnova.local/web:1", { by: "registry" }],
  };
  test.each(Object.entries(table))("%s", (_, [facts, target, image, delivery]) => {
    expect(plan(facts, target, { image, helper: "ghcr.io/me/helper:1" }).images).toMatchObject([
      { image, delivery },
      { image: "ghcr.io/me/helper:1", delivery: { by: "registry" } },
    ]);
  });
  test("the user's own applications: what is built, what is pulled, and the sample only where it runs", () => {
    const shop: Build = {
      image: "cloudnova.local/shop:1",
      context: "/src/shop",
      dockerfile: "/src/shop/Dockerfile",
      args: {},
      application: { name: "shop", namespace: "cloudnova-shop" },
    };
    const applications = [
      { name: "shop", image: shop.image, build: shop },
      { name: "blog", image: "ghcr.io/me/blog:2" },
      { name: "wiki", image: "wiki:3" },
    ];
    const { images, steps } = plan(well, kind, { sample: false, applications });
    expect(images.map(({ image, delivery }) => [image, delivery])).toEqual([
      [IMAGES.helper, { by: "kind", builder: "docker" }],
      ["cloudnova.local/shop:1", { by: "kind", builder: "docker" }],
      ["ghcr.io/me/blog:2", { by: "registry" }],
      ["wiki:3", { by: "kind", builder: "docker" }],
    ]);
    expect(steps.filter(({ step }) => step === "image").map(({ does }) => does)).toEqual([
      expect.stringMatching(/^cloudnova-helper:0\.1\.0 is built from helper\/ and loaded/),
      "cloudnova.local/shop:1 is built from /src/shop/ and loaded into the cluster; pods of an earlier build are replaced",
      "ghcr.io/me/blog:2 is pulled from the registry in its name",
      expect.stringMatching(/^wiki:3 is loaded into the cluster if Docker has it here/),
    ]);
    expect(plan(well, kind, { applications }).images.map(({ image }) => image)).toEqual([
      IMAGES.webapp,
      IMAGES.helper,
      ...applications.map(({ image }) => image),
    ]);
    const elsewhere = plan(well, { name: "context", context: "c" }, { sample: false, applications }).images;
    expect(elsewhere.map(({ delivery }) => delivery.by)).toEqual(["user", "user", "registry", "named"]);
    const unbuildable = () => plan({ k3s: "installed" }, { name: "k3s" }, { sample: false, applications, helper: "ghcr.io/me/helper:1" });
    expect(failure(unbuildable)).toMatch(/shop:1 is not in a registry, and no program here can build it.*set applications\.shop\.image/);
  });
  test("the helper's image is built in every environment, whatever brings the application's", () => {
    const made = plan(well, kind, { image: "ghcr.io/me/web:1" }).images;
    expect(made).toMatchObject([
      { delivery: { by: "registry" } },
      { image: IMAGES.helper, delivery: { by: "kind", builder: "docker" }, build: { context: "helper", dockerfile: "helper/Dockerfile" } },
    ]);
    expect(failure(() => plan({ k3s: "installed" }, { name: "k3s" }, { image: "ghcr.io/me/web:1" }))).toMatch(
      /cloudnova-helper:0\.1\.0 is not in a registry, and no program here can build it.*set images\.helper/,
    );
  });
  test("the plan says that an image of another name is not built", () => {
    const { steps } = plan(well, kind, { image: "web:1" });
    expect(steps.find(({ step }) => step === "image")).toMatchObject({
      does: expect.stringMatching(/^web:1 is used unchanged: .*nothing is built; the cluster must have it or be able to pull it$/),
      seconds: 0,
    });
  });
  test("the shipped one is local, and has containerd's name for it", () => {
    expect(isLocal(IMAGES.webapp)).toBe(true);
    expect(isLocal("localhost/web:1")).toBe(true);
    expect(fullName("web:1")).toBe("docker.io/library/web:1");
    expect(fullName("localhost/web:1")).toBe("localhost/web:1");
  });
});

describe("naming a cluster", () => {
  test("one way, and kubectl's words for contexts", () => {
    expect(namedTarget({})).toBeUndefined();
    expect(namedTarget({ target: "k3s" })).toEqual({ name: "k3s" });
    expect(namedTarget({ target: "context:a:b" })).toEqual({ name: "context", context: "a:b" });
    expect(namedTarget({ context: "c" })).toEqual(namedTarget({ target: "context:c" }));
    expect(namedTarget({ target: "context:c", kubeconfig: "f" })).toEqual(namedTarget({ context: "c", kubeconfig: "f" }));
  });
  test.each([
    [{ target: "minikube" }, /no such target → allowed are kind, k3s, ssh:USER@HOST and context:NAME/],
    [{ target: "node" }, /no such target/],
    [{ target: "context:" }, /no such target/],
    [{ target: "kind", context: "prod" }, /refer to two clusters/],
    [{ target: "context:a", context: "b" }, /refer to two clusters/],
    [{ target: "k3s", kubeconfig: "f" }, /refer to two clusters/],
  ])("%j is refused", (named, words) => expect(failure(() => namedTarget(named))).toMatch(words));
  test("each target has its own address, and none is whatever is current", () => {
    expect(addressOf({ name: "kind" }, {})).toEqual({ context: "kind-cloudnova" });
    expect(addressOf({ name: "k3s" }, {})).toEqual({ context: "default", kubeconfig: "/etc/rancher/k3s/k3s.yaml" });
    expect(readFileSync("kind.yaml", "utf8")).toMatch(/^name: cloudnova$/m);
  });
});

test.each(["README.md", "README.es.md", "docs/targets.md", "docs/targets.es.md"])("%s names the k3s that is installed", (file) =>
  expect(readFileSync(file, "utf8")).toContain(K3S_VERSION),
);

test.each(["docs/targets.md", "docs/targets.es.md"])(
  "%s names the kind that is brought, the oldest that will do, and its node image",
  (file) => {
    const text = readFileSync(file, "utf8");
    for (const words of [KIND_VERSION, KIND_MINIMUM, KIND_NODE_IMAGE.split("@")[0] ?? ""]) expect(text).toContain(words);
  },
);

test.each([
  ["en", "docs/guides/any-server.md"],
  ["es", "docs/guides/any-server.es.md"],
] as const)("the guide to a server shows the plan as it is printed (%s)", (language, page) => {
  setLocale(language);
  try {
    const { config } = loadEnvironment("environments/k3s-ec2.yaml");
    const server = planUp({
      environment: "mine",
      config,
      builds: [],
      named: { name: "ssh", ssh: { destination: "ubuntu@203.0.113.7", options: [] }, implied: true },
      without: new Set(),
      facts: { ...bare, docker },
      kindName: "cloudnova",
      remote: { processor: "amd64" },
    });
    const text = planText({ ...server, environment: "mine", context: "ubuntu@203.0.113.7", server: ssh.overSsh }).join("\n");
    expect(readFileSync(page, "utf8")).toContain(`\n${text}\n`);
  } finally {
    setLocale("en");
  }
});

test("the node image and the kind that tools/cluster builds are of the releases that are pinned here", () => {
  const module = readFileSync("tools/go/kind/go.mod", "utf8");
  expect(/sigs\.k8s\.io\/kind (v[\d.]+)/.exec(module)?.[1]).toBe(KIND_VERSION);
  expect(minorOf(KIND_NODE_IMAGE.split(":")[1] ?? "")).toBe(minorOf(K3S_VERSION));
});
