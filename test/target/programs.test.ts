import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ClusterError, Interrupted } from "../../src/cluster/errors.ts";
import { loadEnvironment } from "../../src/config/load.ts";
import { lookAround } from "../../src/target/facts.ts";
import { type Builder, deliverImage } from "../../src/target/image.ts";
import { k3sSettings, prepareK3s } from "../../src/target/k3s.ts";
import { kindConfiguration, prepareKind } from "../../src/target/kind.ts";
import { K3S_VERSION } from "../../src/versions.ts";
import { DOCKER, K3S, KIND, Machine, PODMAN } from "./machine.ts";

// Docker, kind and k3s cannot be had where this was written: these are stand-ins that say what the real ones document.
const IMAGE = "cloudnova-webapp:1.0.0";
const NAME = `docker.io/library/${IMAGE}`;
let machine: Machine;

beforeEach(() => {
  machine = new Machine();
  for (const [name, body] of Object.entries({ docker: DOCKER, kind: KIND, podman: PODMAN, buildah: PODMAN })) machine.program(name, body);
});
afterEach(() => machine.remove());

/** The error of what must fail, with its advice. */
const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "nothing failed",
    (error: ClusterError) => `${error.message} → ${error.advice}`,
  );

describe("kind", () => {
  const create = "kind create cluster --name cloudnova --config - --wait 120s";

  const { config } = loadEnvironment("environments/kind.yaml");
  const bindings = (http: number, https: number) =>
    JSON.stringify({ [`${http}/tcp`]: [{ HostIp: "127.0.0.1", HostPort: "8080" }], [`${https}/tcp`]: [{ HostPort: "8443" }] });

  test("makes the cluster with the environment's ports when there is none, and lets the user see it work", async () => {
    const around = machine.around();
    await prepareKind(around, config);
    expect(machine.calls).toEqual(["kind get clusters", create]);
    expect(JSON.parse(machine.state("configuration"))).toEqual(kindConfiguration(config));
    expect(around.shown()).toContain("✓ Starting control-plane");
  });

  test("a cluster that is there is taken as it is; its context is written again", async () => {
    machine.set("cluster", "another\ncloudnova\n");
    machine.set("container", `running ${bindings(30_080, 30_443)}\n`);
    await prepareKind(machine.around(), config);
    expect(machine.calls).toEqual([
      "kind get clusters",
      "docker container inspect --format {{.State.Status}} {{json .HostConfig.PortBindings}} cloudnova-control-plane",
      "kind export kubeconfig --name cloudnova",
    ]);
  });

  test("another cluster is not ours", async () => {
    machine.set("cluster", "cloudnova-2\n");
    await prepareKind(machine.around(), config);
    expect(machine.calls).toContain(create);
  });

  test("after the machine was switched off its container is started", async () => {
    machine.set("cluster", "cloudnova\n");
    machine.set("container", `exited ${bindings(30_080, 30_443)}\n`);
    await prepareKind(machine.around(), config);
    expect(machine.calls).toContain("docker start cloudnova-control-plane");
  });

  test("two at once: the other's cluster is waited for and used", async () => {
    machine.set("cluster-meanwhile");
    machine.set("no-control-plane");
    await prepareKind(machine.around(), config);
    expect(machine.calls.slice(1)).toEqual([
      create,
      expect.stringContaining("docker container inspect"),
      "kind export kubeconfig --name cloudnova",
      "kind export kubeconfig --name cloudnova",
    ]);
  });

  test("a cluster that was made for other NodePorts is refused: nothing would lead to the application", async () => {
    machine.set("cluster", "cloudnova\n");
    machine.set("container", `running ${bindings(30_180, 30_443)}\n`);
    expect(await failure(prepareKind(machine.around(), config))).toMatch(
      /'cloudnova' does not lead ports 8080 → 30080 of this machine to the application → it was made .* 'kind delete cluster --name cloudnova'/,
    );
    expect(machine.calls).not.toContain("kind export kubeconfig --name cloudnova");
  });

  test("a port that is taken is told with kind's words and the next step", async () => {
    machine.set("port-taken");
    expect(await failure(prepareKind(machine.around(), config))).toMatch(
      /Bind for 127\.0\.0\.1:8080 failed: port is already allocated\. → ports 8080, 8443 of 127\.0\.0\.1 must be free/,
    );
  });

  test("Ctrl-C is handed on to kind and waited for", async () => {
    machine.set("slow");
    const around = machine.around();
    const run = prepareKind(around, config);
    const ended = expect(run).rejects.toThrow(Interrupted);
    while (!machine.has("creating")) await sleep(20);
    around.interrupt.abort();
    await ended;
    expect(machine.has("kind-stopped")).toBe(true);
  });
});

describe("the image", () => {
  const deliver = (to: "kind" | "k3s", builder: Builder) => deliverImage(machine.around(), to, builder, IMAGE);
  beforeEach(() => machine.program("k3s", K3S));
  const build = `build --tag ${NAME} webapp`;
  const pin = `k3s ctr images label ${NAME} io.cri-containerd.pinned=pinned`; // else the kubelet removes it from a full disk

  const ways: Record<string, ["kind" | "k3s", Builder, string[]]> = {
    "kind by docker": ["kind", "docker", [`docker ${build}`, `kind load docker-image ${NAME} --name cloudnova`]],
    "kind by podman": [
      "kind",
      "podman",
      [`podman ${build}`, `podman save --output TMP/webapp.tar ${NAME}`, "kind load image-archive TMP/webapp.tar --name cloudnova"],
    ],
    "k3s by docker": [
      "k3s",
      "docker",
      [`docker ${build}`, `docker save --output TMP/webapp.tar ${NAME}`, "k3s ctr images import TMP/webapp.tar", pin],
    ],
    "k3s by buildah": [
      "k3s",
      "buildah",
      [`buildah ${build}`, `buildah push ${NAME} docker-archive:TMP/webapp.tar:${NAME}`, "k3s ctr images import TMP/webapp.tar", pin],
    ],
  };
  test.each(Object.entries(ways))("%s", async (_, [to, builder, calls]) => {
    await deliver(to, builder);
    expect(machine.calls).toEqual(calls);
    expect(machine.has(to === "kind" ? "loaded" : "pinned")).toBe(true);
  });

  test("a build that fails is told with its own words, and nothing is loaded", async () => {
    machine.set("build-fails");
    expect(await failure(deliver("kind", "docker"))).toMatch(
      /docker build --tag .*: ERROR: failed to solve.* → .*needs the internet the first time/s,
    );
    expect(machine.has("loaded")).toBe(false);
  });
});

describe("k3s", () => {
  const kubeconfig = "/does/not/exist/k3s.yaml";
  const ready = "k3s kubectl get --raw /readyz";

  test("installed: waits until it answers", async () => {
    machine.program("k3s", K3S);
    await prepareK3s(machine.around(), kubeconfig, false);
    expect(machine.calls).toEqual(["k3s --version", ready, ready]);
  }, 10_000);

  test("missing: its installer is fetched whole, then run", async () => {
    machine.program("k3s-later", K3S);
    machine.program("curl", `echo '#!/bin/sh'; echo '/bin/mv ${machine.bin}/k3s-later ${machine.bin}/k3s'`);
    machine.program("sh", 'echo "$INSTALL_K3S_VERSION $INSTALL_K3S_EXEC" > version; exec /bin/sh "$@"');
    machine.set("k3s-up");
    await prepareK3s(machine.around(), kubeconfig, false);
    expect(machine.calls.slice(0, 2)).toEqual(["curl -sfL https://get.k3s.io", "sh -s -"]);
    expect(machine.state("version")).toBe(`${K3S_VERSION} --disable=metrics-server\n`);
  });

  test("metrics-server is installed where an autoscaler needs it", () =>
    expect([k3sSettings(true), k3sSettings(false)]).toEqual([
      { INSTALL_K3S_VERSION: K3S_VERSION },
      { INSTALL_K3S_VERSION: K3S_VERSION, INSTALL_K3S_EXEC: "--disable=metrics-server" },
    ]));

  test("an installer that is none is not run", async () => {
    machine.program("curl", "echo '<html>please log in</html>'");
    machine.program("sh", "exit 0");
    expect(await failure(prepareK3s(machine.around(), kubeconfig, false))).toMatch(/gave no script → is a proxy/);
    expect(machine.calls).toEqual(["curl -sfL https://get.k3s.io"]);
  });

  test("no internet, or no right to read its kubeconfig, is told", async () => {
    machine.program("curl", "exit 6");
    expect(await failure(prepareK3s(machine.around(), kubeconfig, false))).toMatch(
      /^curl -sfL .* → the installer comes from the internet$/,
    );
    machine.program("k3s", K3S);
    machine.set("not-root");
    expect(await failure(prepareK3s(machine.around(), kubeconfig, false))).toMatch(
      /permission denied → its kubeconfig is root's: use sudo/,
    );
  });
});

describe("what a machine has", () => {
  const seen = (env = {}) => lookAround(machine.around({ K3S_KUBECONFIG_OUTPUT: join(machine.folder, "none"), ...env }));

  test("programs that answer", async () => {
    machine.program("k3s", K3S);
    expect(await seen()).toMatchObject({ docker: true, podman: true, buildah: true, kind: true, k3s: "installed" });
  });
  test("Docker without its daemon does not count", async () => {
    machine.set("docker-down");
    expect(await seen()).toMatchObject({ docker: false, kind: true });
  });
  test("nothing at all", async () => {
    const empty = new Machine();
    const { docker, podman, buildah, kind } = await lookAround(empty.around());
    empty.remove();
    expect({ docker, podman, buildah, kind }).toEqual({ docker: false, podman: false, buildah: false, kind: false });
  });
  test("k3s is also known by its kubeconfig", async () => {
    machine.set("k3s.yaml");
    expect((await seen({ K3S_KUBECONFIG_OUTPUT: join(machine.folder, "state", "k3s.yaml") })).k3s).toBe("installed");
  });
});
