import { readFileSync } from "node:fs";
import { ClusterError } from "../../src/cluster/errors.ts";
import { speak } from "../../src/language.ts";
import type { Facts } from "../../src/target/facts.ts";
import { fullName } from "../../src/target/image.ts";
import { namedTarget, type Target } from "../../src/target/names.ts";
import { addressOf } from "../../src/target/place.ts";
import { isLocal, type Plan, planUp, type StepName } from "../../src/target/plan.ts";
import { IMAGES, K3S_VERSION } from "../../src/versions.ts";

const bare: Facts = {
  docker: false,
  podman: false,
  buildah: false,
  kind: false,
  kindCluster: false,
  k3s: "impossible",
};

function plan(
  facts: Partial<Facts>,
  named?: Target,
  options: { cluster?: "kind" | "k3s"; image?: string; without?: StepName[] } = {},
): Plan {
  const all = { ...bare, ...facts };
  const picked = named?.name ?? (all.docker ? "kind" : "k3s");
  const cluster = options.cluster ?? (picked === "context" ? "k3s" : picked);
  const images = { ...IMAGES, webapp: options.image ?? IMAGES.webapp };
  return planUp({ environment: "trial", config: { cluster, images }, named, without: new Set(options.without), facts: all });
}
/** The error of what must fail, with its advice. */
function failure(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof ClusterError) return `${error.message} → ${error.advice}`;
    throw error;
  }
  throw new Error("nothing failed");
}

const docker = { docker: true, kind: true };

describe("the target of a fresh machine", () => {
  const table: Record<string, [Partial<Facts>, Plan["target"], RegExp | undefined]> = {
    "Docker answers": [docker, "kind", undefined],
    "Docker answers, and k3s is there too": [{ ...docker, k3s: "installed" }, "kind", undefined],
    "k3s is installed": [{ k3s: "installed", buildah: true }, "k3s", undefined],
    "k3s can be installed": [
      { k3s: "installable", podman: true },
      "k3s",
      /Fetch its installer from https:\/\/get\.k3s\.io and run it as root, for v1\.34\.\d+\+k3s\d\?/,
    ],
  };
  test.each(Object.entries(table))("%s", (_, [facts, target, question]) => {
    const made = plan(facts);
    expect(made.target).toBe(target);
    if (question) expect(made.question).toMatch(question);
    else expect(made.question).toBeUndefined();
  });
  test("where nothing can be made it is said what to install", () => {
    expect(failure(() => plan({}))).toMatch(/no cluster can be made here: .*k3s is not installed → install Docker .*--context NAME/);
  });
  test("a client of Docker whose daemon does not answer is no Docker", () =>
    expect(failure(() => plan({ kind: true }))).toMatch(/no cluster can be made here/));
});

describe("a target that was named", () => {
  const failures: Record<string, [Partial<Facts>, Target, RegExp]> = {
    "kind without Docker": [{ kind: true }, { name: "kind" }, /Docker does not answer → install Docker/],
    "kind without its program": [{ docker: true }, { name: "kind" }, /the program kind is missing → install kind .*--target k3s/],
    "k3s on a machine that cannot have it": [{}, { name: "k3s" }, /needs Linux with systemd or OpenRC, and root/],
    "no builder for the image": [
      { k3s: "installed" },
      { name: "k3s" },
      /nothing here can build it: docker, podman and buildah are missing/,
    ],
  };
  test.each(Object.entries(failures))("%s is told before anything is done", (_, [facts, target, words]) => {
    expect(failure(() => plan(facts, target))).toMatch(words);
  });
  test("an environment for another kind of cluster is refused", () => {
    expect(failure(() => plan({}, { name: "kind" }, { cluster: "k3s" }))).toMatch(
      /'trial' is for a cluster of the kind 'k3s', the target is kind/,
    );
  });
  test("a context's cluster is never made, nor an image brought to it", () => {
    const made = plan({ docker: true, kind: true }, { name: "context", context: "prod" });
    expect(made.steps.map(({ step }) => step)).toEqual(["synth", "image", "doctor", "apply", "wait", "verify"]);
    expect(made.delivery).toEqual({ by: "user" });
  });
  test("in Spanish as well", () => {
    speak("es");
    const { why, steps } = plan(docker, { name: "kind" });
    speak("en");
    expect(why).toBe("como se indicó");
    expect(steps.map(({ does }) => does)).toContain("que kind cree el clúster «cloudnova» con los puertos del entorno, si no existe");
    expect(plan(docker, { name: "kind" }).why).toBe("as named");
  });
  test("steps that the user leaves out are not in the plan", () => {
    expect(plan(docker, { name: "kind" }, { without: ["synth", "doctor", "verify"] }).steps.map(({ step }) => step)).toEqual([
      "cluster",
      "image",
      "apply",
      "wait",
    ]);
  });
});

describe("the image of the web application", () => {
  const kind: Target = { name: "kind" };
  const OWN = IMAGES.webapp;
  const table: Record<string, [Partial<Facts>, Target, string, Plan["delivery"]]> = {
    "kind, Docker": [{ docker: true, kind: true, podman: true }, kind, OWN, { by: "kind", builder: "docker" }],
    "kind, podman alone": [{ podman: true, kind: true }, kind, OWN, { by: "kind", builder: "podman" }],
    "k3s, buildah alone": [{ k3s: "installed", buildah: true }, { name: "k3s" }, OWN, { by: "k3s", builder: "buildah" }],
    "the shipped one with a new tag": [{ docker: true, kind: true }, kind, "cloudnova-webapp:1.0.1-dev", { by: "kind", builder: "docker" }],
    "the shipped one, for a context": [{ docker: true }, { name: "context", context: "c" }, OWN, { by: "user" }],
    "another name, kind": [{ docker: true, kind: true }, kind, "web:1", { by: "named" }],
    "another name, k3s, and nothing that builds": [{ k3s: "installed" }, { name: "k3s" }, "web:1", { by: "named" }],
    "another name, for a context": [{}, { name: "context", context: "c" }, "web:1", { by: "named" }],
    "a digest, which nothing can be built under": [
      { docker: true, kind: true },
      kind,
      `cloudnova-webapp@sha256:${"0".repeat(64)}`,
      { by: "named" },
    ],
    "podman's name for a local image": [{ podman: true, kind: true }, kind, "localhost/web:1", { by: "named" }],
    "from a registry": [{ k3s: "installed" }, { name: "k3s" }, "registry.example:5000/web:1", { by: "registry" }],
    "of an owner": [{ docker: true, kind: true }, kind, "somebody/web:1", { by: "registry" }],
    "a stand-in of kind's node image": [{ docker: true, kind: true }, kind, "cloudnova.local/web:1", { by: "cluster" }],
    "that name, elsewhere": [{ k3s: "installed" }, { name: "k3s" }, "cloudnova.local/web:1", { by: "registry" }],
  };
  test.each(Object.entries(table))("%s", (_, [facts, target, image, delivery]) => {
    expect(plan(facts, target, { image }).delivery).toEqual(delivery);
  });
  test("the plan says that an image of another name is not built", () => {
    const { steps } = plan({ docker: true, kind: true }, kind, { image: "web:1" });
    expect(steps.find(({ step }) => step === "image")).toMatchObject({
      does: expect.stringMatching(/^web:1 is used as it is: .*nothing is built; the cluster must hold it or be able to pull it$/),
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
    [{ target: "minikube" }, /no such target → there are kind, k3s and context:NAME/],
    [{ target: "node" }, /no such target/],
    [{ target: "context:" }, /no such target/],
    [{ target: "kind", context: "prod" }, /name two clusters/],
    [{ target: "context:a", context: "b" }, /name two clusters/],
    [{ target: "k3s", kubeconfig: "f" }, /name two clusters/],
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
