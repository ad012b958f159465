import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ClusterError, Interrupted } from "../../src/cluster/cluster-error.ts";
import { loadEnvironment } from "../../src/config/load.ts";
import { target as words } from "../../src/messages/target.ts";
import { type Build, contentOf, contextFiles, ignoredIn, ownBuild } from "../../src/target/build.ts";
import { findDocker, forwardPorts, OWN_DOCKER, startDocker } from "../../src/target/docker.ts";
import { clusterNeeds, machineFacts } from "../../src/target/facts.ts";
import { type Builder, deliverImage, loadLocal } from "../../src/target/image.ts";
import { k3sSettings, prepareK3s } from "../../src/target/k3s.ts";
import { prepareKind } from "../../src/target/kind.ts";
import { completed, readKindConfiguration } from "../../src/target/kind-config.ts";
import { askRegistry, nodeImageOf } from "../../src/target/node-image.ts";
import { imageProcessor } from "../../src/target/processor.ts";
import { fetchKind, findKind, installPackages, isAtLeast, withKind } from "../../src/target/tool-programs.ts";
import { BUILT_HERE, IMAGES, K3S_VERSION, KIND_NODE_IMAGE } from "../../src/versions.ts";
import { DOCKER, K3S, KIND, kindNode, Machine, PODMAN, TEST_PORTS } from "./fake-machine.ts";

// Stand-ins that say what the real programs document, for what cannot be had or must not be broken where the tests run.
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

/** How programs were called that change something, or that are named. */
const changes = (more = /^$/) =>
  machine.calls.filter(
    (call) => /^(kind (create|delete|load|export)|docker (start|unpause|pull|build)|cluster)/.test(call) || more.test(call),
  );

describe("kind", () => {
  const create = "kind create cluster --name cloudnova --config - --wait 120s";
  const exports = "kind export kubeconfig --name cloudnova";

  const shipped = loadEnvironment("environments/kind.yaml").config;
  const config = { ...shipped, ingress: { ...shipped.ingress, ports: TEST_PORTS } };
  const standIns = { ...config, images: { ...config.images, mysql: "cloudnova.local/mysql:9.7.4" } };
  const prepare = (around = machine.around(), wanted: typeof config = config) => prepareKind(around, "docker", wanted);
  /** The cluster is there, with one node. */
  const there = (...node: Parameters<typeof kindNode>) => {
    machine.set("cluster", "cloudnova\n");
    machine.set("nodes", JSON.stringify([kindNode(...node)]));
  };

  test("makes the cluster with the environment's ports when there is none, from the pinned node image, and lets the user see it work", async () => {
    const around = machine.around();
    expect(await prepare(around)).toEqual({ made: true, since: Date.parse("2026-11-26T10:00:00.123Z") });
    expect(changes()).toEqual([`docker pull ${KIND_NODE_IMAGE}`, create, exports]);
    expect(JSON.parse(machine.state("configuration"))).toEqual(
      completed(readKindConfiguration(around), "cloudnova", config, KIND_NODE_IMAGE),
    );
    expect(around.shown()).toContain("Pulling from kindest/node");
    expect(around.shown()).toContain("✓ Starting control-plane");
  });

  test("a node image that is here is not pulled", async () => {
    machine.set("node-image");
    await prepare();
    expect(changes()).toEqual([create, exports]);
  });

  test("an environment with a registry of its own pulls the node image from there", async () => {
    await prepareKind(machine.around(), "docker", { ...config, registry: "mirror.example/hub" });
    expect(changes()).toContain(`docker pull mirror.example/hub/${KIND_NODE_IMAGE}`);
  });

  test("an environment whose images stand in gets the node image that is made here, and is told what stands in", async () => {
    const around = machine.around();
    await prepare(around, standIns);
    expect(changes()).toEqual(["cluster node-image", create, exports]);
    expect(JSON.parse(machine.state("configuration")).nodes).toMatchObject([{ image: "cloudnova.local/node:v1.34.2-abc" }]);
    expect(around.shown()).toMatch(
      /no registry is used: .*\n {2}cloudnova\.local\/mysql:9\.7\.4: mysql-server-core 9\.7\.4 of Debian sid\n/,
    );
  });

  test("such an environment is refused on a cluster of another node image", async () => {
    there("running");
    expect(await failure(prepare(undefined, standIns))).toMatch(
      /'cloudnova' was created from kindest\/node:v1\.34\.11, which does not contain the substitute images → use a second cluster with KIND_CLUSTER_NAME=/,
    );
  });

  test("a cluster that is there is taken as it is; its context is written again", async () => {
    there("running");
    expect(await prepare()).toMatchObject({ made: false });
    expect(changes()).toEqual([exports]);
  });

  test("the cluster has the name that kind's own variable tells; another name is another cluster", async () => {
    there("running");
    await prepare(machine.around({ KIND_CLUSTER_NAME: "cloudnova-2" }));
    expect(changes()).toEqual([
      `docker pull ${KIND_NODE_IMAGE}`,
      "kind create cluster --name cloudnova-2 --config - --wait 120s",
      "kind export kubeconfig --name cloudnova-2",
    ]);
    expect(await failure(prepare(machine.around({ KIND_CLUSTER_NAME: "My Cluster" })))).toMatch(
      /KIND_CLUSTER_NAME is 'My Cluster': a name may contain only/,
    );
  });

  test.each([
    ["exited", "start"],
    ["paused", "unpause"],
  ])("one whose container is %s is started, and its API server waited for", async (status, command) => {
    there(status);
    machine.set("api-starts");
    const around = machine.around();
    expect(await prepare(around)).toEqual({ made: false, since: Date.parse("2026-11-26T10:00:00.123Z") });
    expect(changes(/kubectl/)).toEqual([
      `docker ${command} cloudnova-control-plane`,
      ...Array(2).fill(
        "docker exec cloudnova-control-plane kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout 10s get storageclasses,namespaces -o name",
      ),
      exports,
    ]);
    expect(around.shown()).toContain("starting cloudnova-control-plane, which is stopped");
    expect(around.shown()).toContain("… waiting for the API server in cloudnova-control-plane to start\n");
  });

  test("ports that were taken while it was stopped are told", async () => {
    there("exited");
    machine.set("port-taken");
    expect(await failure(prepare())).toMatch(/port is already allocated → ports 28080, 28443 must be free .*ingress\.ports/);
  });

  test.each(["half", "no-storage-class"])("a cluster that kind did not finish (%s) holds nothing: it is made anew", async (state) => {
    there("running");
    machine.set(state);
    const around = machine.around();
    expect(await prepare(around)).toMatchObject({ made: true });
    expect(changes()).toEqual(["kind delete cluster --name cloudnova", `docker pull ${KIND_NODE_IMAGE}`, create, exports]);
    expect(around.shown()).toContain("the cluster 'cloudnova' is incomplete and contains nothing: it is removed and created again");
  });

  test("a cluster with somebody's namespace is never deleted, whatever else is missing", async () => {
    there("running");
    machine.set("no-storage-class");
    machine.set("namespaces", "cloudnova");
    expect(await prepare()).toMatchObject({ made: false });
    expect(changes()).toEqual([exports]);
  });

  test("two at once: the other program's cluster is used", async () => {
    machine.set("cluster-meanwhile");
    await prepare();
    expect(changes().slice(1)).toEqual([create, exports]);
  });

  test("a cluster that was made for other NodePorts is refused: nothing would lead to the application", async () => {
    there("running", { ports: { 30180: TEST_PORTS.http, 30443: TEST_PORTS.https } });
    expect(await failure(prepare())).toMatch(
      /'cloudnova' does not map this machine's ports 28080 → 30080 to the application → it was created .* 'kind delete cluster --name cloudnova'/,
    );
    expect(changes()).toEqual([]);
  });

  describe("a port that is taken", () => {
    let server: ReturnType<typeof createServer>;
    const taken = () => {
      const { port } = server.address() as { port: number };
      return { ...config, ingress: { ...config.ingress, ports: { http: port, https: 28_444 } } };
    };
    beforeEach(async () => {
      server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    });
    afterEach(() => new Promise((resolve) => server.close(resolve)));

    test("is named before anything is made, with who has it and the key for others", async () => {
      expect(await failure(prepare(undefined, taken()))).toMatch(
        /port \d+ of 127\.0\.0\.1 is in use by .+ → ports \d+, 28444 must be free .*ingress\.ports/,
      );
      expect(changes()).toEqual([]);
      machine.set("publishes", "another-app\n");
      expect(await failure(prepare(undefined, taken()))).toMatch(/is in use by the container another-app →/);
    });
    test("is told before the plan", async () => {
      const around = machine.around();
      expect(await failure(clusterNeeds(around, await machineFacts(around), taken(), [], async () => "answers"))).toMatch(
        /port \d+ .* is in use by/,
      );
    });
  });

  test("what kind says stands there once: it is shown while kind works, and the message refers to it", async () => {
    machine.set("port-taken");
    const around = machine.around();
    const told = await failure(prepare(around));
    expect(told).toMatch(/^kind could not create the cluster; see its output above → ports 28080, 28443 must be free/);
    expect(`${around.shown()}${told}`.match(/Bind for 127\.0\.0\.1:8080 failed/g)).toHaveLength(1);
  });

  test.each([
    [
      "ERROR: failed to create cluster: docker: Error response from daemon: write /var/lib/docker/tmp: no space left on device.",
      /the disk is full: see 'docker system df'/,
    ],
    ["ERROR: error during connect: EOF", /Docker's daemon stopped: run the same command again/],
    ["OCI runtime create failed: unable to apply caps: operation not permitted", /CAP_SYS_RESOURCE.*npm run cluster -- docker/],
    ["modprobe: ip_set: module not found", /kernel lacks a feature that Kubernetes networking needs/],
    ["kubelet is configured to not run on a host using cgroup v1", /Kubernetes 1\.35 and later need cgroup v2/],
    [
      'docker: Error response from daemon: Conflict. The container name "/cloudnova-control-plane" is already in use by container "0c".',
      /a container of another project has this name/,
    ],
    [
      "WARNING: cgroup v1 is deprecated in Kubernetes and will not be supported in a future kind release\nERROR: failed to init node with kubeadm",
      /most often too little memory|see 'kind export logs'/,
    ],
    ["ERROR: something new", /see kind's output above/],
  ])("the way on after: %s", async (words, advice) => {
    machine.set("kind-fails", words);
    expect(await failure(prepare())).toMatch(advice);
  });

  test.each([
    ["silent", /no such host → no registry responds: .*up stand-ins/],
    ["limited", /toomanyrequests.* → .*Docker Hub limits anonymous pulls per address.*key registry/],
    ["refused", /manifest unknown → the registry responds, but rejects this image: check the environment's key registry/],
  ])("a registry that is %s is told with the way on", async (state, words) => {
    machine.set("registry", state);
    expect(await failure(prepare())).toMatch(words);
    expect(changes()).not.toContain(create);
    expect(await askRegistry(machine.around(), "docker", KIND_NODE_IMAGE)).toBe(state);
  });

  test("a registry that answers is only asked: the pull is ended when it begins", async () => {
    expect(await askRegistry(machine.around(), "docker", KIND_NODE_IMAGE)).toBe("answers");
    expect(machine.has("node-image")).toBe(false);
  });

  test("podman is asked with the registry's host, and answers on standard error", async () => {
    machine.program("podman", 'echo "Trying to pull $2..." >&2; sleep 0.1; echo "Getting image source signatures" >&2; sleep 5');
    const image = nodeImageOf(undefined, "podman");
    expect(image).toMatch(/^docker\.io\/kindest\/node:/);
    expect(await askRegistry(machine.around(), "podman", image)).toBe("answers");
    machine.program(
      "podman",
      'echo "Trying to pull $2..." >&2; echo "Error: initializing source: pinging container registry registry-1.docker.io: dial tcp: no route to host" >&2; exit 125',
    );
    expect(await askRegistry(machine.around(), "podman", image)).toBe("silent");
  });

  test("Ctrl-C is handed on to kind and waited for, and the half cluster removed", async () => {
    machine.set("slow");
    machine.set("node-image");
    const around = machine.around();
    const run = prepare(around);
    const ended = expect(run).rejects.toThrow(Interrupted);
    while (!machine.has("creating")) await sleep(20);
    around.interrupt.abort();
    await ended;
    expect(machine.has("kind-stopped")).toBe(true);
    expect(changes().at(-1)).toBe("kind delete cluster --name cloudnova");
    expect(around.shown()).toContain("removing the incomplete cluster 'cloudnova'");
  });

  test("podman, where kind is told to use it", async () => {
    const around = machine.around({ KIND_EXPERIMENTAL_PROVIDER: "podman" });
    expect((await machineFacts(around)).engine).toBe("podman");
    there("exited");
    machine.program(
      "podman",
      `${PODMAN}\nif [ "$1" = start ]; then echo started >> podman-started; fi\nif [ "$1" = exec ]; then echo storageclass.storage.k8s.io/standard; fi`,
    );
    await prepareKind(around, "podman", config);
    expect(machine.calls).toContain("podman start cloudnova-control-plane");
    expect(machine.calls.filter((call) => call.startsWith("docker ps"))).toEqual([]);
  });
});

describe("the programs", () => {
  test("Docker: the usual daemon, else our own by its socket, unless the user names one", async () => {
    expect(await findDocker(machine.around())).toEqual({ state: "answers", own: false, memory: 8192, cpus: 4, cgroup: 2 });
    machine.set("docker-down");
    expect(await findDocker(machine.around())).toEqual({ state: "down" });
    machine.set("own-docker");
    expect(await findDocker(machine.around())).toMatchObject({ state: "answers", own: true });
    expect(await findDocker(machine.around({ DOCKER_HOST: "tcp://10.0.0.1:2376" }))).toEqual({ state: "down" });
    machine.set("docker-denied");
    expect(await findDocker(machine.around())).toEqual({ state: "denied" });
    expect(await findDocker(machine.around({ PATH: machine.folder }))).toEqual({ state: "absent" });
  });

  test("Docker is started by systemd, or else by tools/cluster in a network namespace of its own", async () => {
    machine.set("docker-down");
    expect(await startDocker(machine.around(), false)).toMatchObject({ own: true });
    expect(changes()).toEqual(["cluster docker"]);
    const other = new Machine();
    other.program("docker", DOCKER);
    other.set("docker-down");
    other.program("systemctl", "rm docker-down");
    expect(await startDocker(other.around(), true)).toMatchObject({ own: false });
    expect(other.calls).toContain("systemctl start docker");
    other.remove();
  });

  test("ports are forwarded for our own daemon alone", async () => {
    await forwardPorts(machine.around());
    expect(changes()).toEqual([]);
    await forwardPorts(machine.around({ DOCKER_HOST: OWN_DOCKER }));
    expect(changes()).toEqual(["cluster forward"]);
  });

  test("a failure of tools/cluster is told with the command that shows it", async () => {
    machine.set("tool-fails", "go: no such module");
    expect(await failure(startDocker(machine.around(), false))).toMatch(
      /^npm run cluster -- docker: the command failed; see its output above → run this command separately to see the cause/,
    );
  });

  test("the kind on the PATH is used when it can load into the pinned node image", async () => {
    expect(await findKind(machine.around())).toEqual({ version: "v0.33.0" });
    machine.set("kind-version", "v0.29.0");
    expect(await findKind(machine.around())).toEqual({ outdated: "v0.29.0" });
    expect(isAtLeast("v0.33.0-alpha+1", "v0.32.0")).toBe(true);
    expect(["v0.31.9", "v0.32.0", "v1.0.0"].map((one) => isAtLeast(one, "v0.32.0"))).toEqual([false, true, true]);
  });

  test("kind comes from its Go module where there is Go, and goes before one that is too old", async () => {
    machine.set("kind-version", "v0.29.0");
    machine.program("go", "exit 0");
    const built = join(machine.folder, "built-kind");
    writeFileSync(built, "#!/bin/bash\necho kind v0.33.0 go1.26.0 linux/amd64\n");
    chmodSync(built, 0o755);
    machine.set("kind-path", built);
    const around = machine.around();
    await fetchKind(around);
    const kind = await findKind(around);
    expect(kind).toEqual({ version: "v0.33.0", outdated: "v0.29.0" });
    const folder = `${machine.folder}/.cache/cloudnova/kind-v0.33.0`;
    expect(withKind(around, kind).env.PATH).toBe(`${folder}:${machine.bin}`);
    // A user can paste what is printed, although that folder is not on the PATH.
    expect(words.kindAnew("trial")).toContain(`'${folder}/kind delete cluster --name trial'`);
    withKind(around, { version: "v0.33.0" });
    expect(words.kindAnew("trial")).toContain("'kind delete cluster --name trial'");
  });

  test("otherwise the release's binary is fetched, and kept only with the published checksum", async () => {
    const binary = "#!/bin/bash\necho kind v0.33.0 go1.25.0 linux/amd64\n";
    const { createHash } = await import("node:crypto");
    machine.set("binary", binary);
    machine.set("sum", `${createHash("sha256").update(binary).digest("hex")}  kind-linux-amd64\n`);
    machine.program("curl", `if [ "$1" = -fsSL ]; then cat sum; else cp binary "$3"; fi`);
    machine.program("kind", "exit 127");
    const around = machine.around();
    await fetchKind(around);
    const url = `https://kind.sigs.k8s.io/dl/v0.33.0/kind-${process.platform}-${process.arch === "arm64" ? "arm64" : "amd64"}`;
    expect(machine.calls.filter((call) => call.startsWith("curl")).map((call) => call.replace(/--output \S+/, "--output FILE"))).toEqual([
      `curl -fsSL ${url}.sha256sum`,
      `curl -fL --output FILE ${url}`,
    ]);
    expect(await findKind(around)).toEqual({ version: "v0.33.0" });
    const other = new Machine();
    other.program("curl", `if [ "$1" = -fsSL ]; then echo 0000; else echo page > "$3"; fi`);
    expect(await failure(fetchKind(other.around()))).toMatch(
      /has the SHA-256 [0-9a-f]{64}, but the published one is 0000: the file was removed → check whether a proxy/,
    );
    expect(await findKind(other.around())).toEqual({});
    other.remove();
  });

  test("packages are installed in one go, without questions of their own", async () => {
    machine.program("apt-get", 'echo "$DEBIAN_FRONTEND" > frontend');
    await installPackages(machine.around(), ["docker.io", "slirp4netns"]);
    await installPackages(machine.around(), []);
    expect(machine.calls).toEqual(["apt-get update -q", "apt-get install -y -q docker.io slirp4netns"]);
    expect(machine.state("frontend")).toBe("noninteractive\n");
  });
});

describe("the image", () => {
  const { config } = loadEnvironment("environments/kind.yaml");
  const deliver = (to: "kind" | "k3s", builder: Builder, more: Partial<typeof config> = {}) => {
    const around = machine.around();
    const destination = { to, builder, engine: builder === "podman" ? ("podman" as const) : ("docker" as const) };
    return deliverImage(around, { ...config, ...more }, ownBuild("webapp", IMAGE), destination).then(() => around.shown());
  };
  beforeEach(() => {
    machine.program("k3s", K3S);
    machine.set("cluster", "cloudnova\n");
    machine.set("nodes", JSON.stringify([kindNode("running")]));
  });
  const label = "--label dev.cloudnova.content=HASH";
  const build = `build ${label} --tag ${NAME} webapp`;
  // Else the kubelet removes it from a full disk.
  const pinned = (name = NAME) => `images label ${name} io.cri-containerd.pinned=pinned`;
  const pin = `k3s ctr ${pinned()}`;
  const pinInNode = (engine = "docker", name = NAME) => `${engine} exec cloudnova-control-plane ctr --namespace=k8s.io ${pinned(name)}`;
  const bringing = () =>
    machine.calls.filter((call) => / (build|load|save|push|import|label|images) /.test(` ${call} `.replace("image inspect", "")));

  const ways: Record<string, ["kind" | "k3s", Builder, string[]]> = {
    "kind by docker": ["kind", "docker", [`docker ${build}`, `kind load docker-image ${NAME} --name cloudnova`, pinInNode()]],
    "kind by podman": [
      "kind",
      "podman",
      [
        `podman ${build}`,
        `podman save --output TMP/image.tar ${NAME}`,
        "kind load image-archive TMP/image.tar --name cloudnova",
        pinInNode("podman"),
      ],
    ],
    "k3s by docker": [
      "k3s",
      "docker",
      [`docker ${build}`, `docker save --output TMP/image.tar ${NAME}`, "k3s ctr images import TMP/image.tar", pin],
    ],
    "k3s by buildah": [
      "k3s",
      "buildah",
      [`buildah ${build}`, `buildah push ${NAME} docker-archive:TMP/image.tar:${NAME}`, "k3s ctr images import TMP/image.tar", pin],
    ],
  };
  test.each(Object.entries(ways))("%s", async (_, [to, builder, calls]) => {
    await deliver(to, builder);
    expect(bringing()).toEqual(calls);
    expect(machine.has("pinned")).toBe(true);
  });

  test("an unchanged image is neither built nor loaded again", async () => {
    await deliver("kind", "docker");
    const before = bringing();
    expect(await deliver("kind", "docker")).toContain(`${IMAGE} is in the cluster already, with the same content`);
    expect(bringing()).toEqual(before);
  });

  test("one that is built, but not in a cluster that is new, is only loaded", async () => {
    machine.set("built", `[{"Labels":"dev.cloudnova.content=${contentOf(ownBuild("webapp", IMAGE))}"}]`);
    await deliver("kind", "docker");
    expect(bringing()).toEqual([`kind load docker-image ${NAME} --name cloudnova`, pinInNode()]);
  });

  test.each([
    ["kind", "in-node", pinInNode()],
    ["k3s", "in-k3s", pin],
  ] as const)("one that an earlier version brought to %s without a pin is pinned, once", async (to, state, command) => {
    const status = { id: `sha256:${"0".repeat(64)}`, repoDigests: [], pinned: false };
    const info = contentOf(ownBuild("webapp", IMAGE));
    machine.set("imported");
    machine.set(state, JSON.stringify({ status, info }));
    await deliver(to, "docker");
    expect(bringing()).toEqual([command]);
    machine.set(state, JSON.stringify({ status: { ...status, pinned: true }, info }));
    await deliver(to, "docker");
    expect(bringing()).toEqual([command]);
  });

  test("its content is every file that goes in", () => {
    const source = join(machine.folder, "webapp");
    mkdirSync(join(source, "src", "__pycache__"), { recursive: true });
    const write = (file: string, text: string) => writeFileSync(join(source, file), text);
    const of = { ...ownBuild("webapp", IMAGE), context: source, dockerfile: join(source, "Dockerfile") };
    write(".dockerignore", readFileSync("webapp/.dockerignore", "utf8"));
    for (const file of ["Dockerfile", "requirements.txt", "pyproject.toml", "src/a.py"]) write(file, file);
    const first = contentOf(of);
    write("src/__pycache__/a.pyc", "compiled");
    write("README.md", "text");
    expect(contentOf(of)).toBe(first);
    write("src/a.py", "changed");
    expect(contentOf(of)).not.toBe(first);
  });

  test("a folder without the application is told", () =>
    expect(() => contentOf({ ...ownBuild("webapp", IMAGE), dockerfile: join(machine.folder, "Dockerfile") })).toThrow(
      /image cloudnova-webapp:1\.0\.0 cannot be built: .*Dockerfile cannot be read \(ENOENT\)/,
    ));

  test("what goes in is what .dockerignore lets through", () => {
    const files = contextFiles(ownBuild("webapp", IMAGE));
    expect(files.filter((file) => !file.startsWith("src/"))).toEqual(["pyproject.toml", "requirements.txt"]);
    expect(files).toContain("src/cloudnova_webapp/wsgi.py");
    expect(files.filter((file) => /__pycache__|tests/.test(file))).toEqual([]);
  });

  test("the helper's is made of Go sources without their tests", () => {
    const files = contextFiles(ownBuild("helper", IMAGES.helper));
    expect(files).toEqual(expect.arrayContaining(["go.mod", "go.sum", "main.go", "secrets/run.go"]));
    expect(files.filter((file) => !/(?<!_test)\.go$|^go\.(mod|sum)$/.test(file))).toEqual([]);
  });

  test.each(BUILT_HERE)("no line of %s/Dockerfile asks a registry for anything but the base image", (folder) => {
    const text = readFileSync(join(folder, "Dockerfile"), "utf8");
    expect(text).not.toMatch(/^#\s*syntax\s*=/m);
    for (const [, from] of text.matchAll(/^FROM (\S+)/gm)) expect(from).toMatch(/^(\$\{BASE_IMAGE\}|scratch)$/);
  });

  test("the helper's is built by a Go that its module accepts", () => {
    const [, base = ""] = /^ARG BASE_IMAGE=golang:(\d+\.\d+\.\d+)-/m.exec(readFileSync("helper/Dockerfile", "utf8")) ?? [];
    const [, least = ""] = /^go (\S+)$/m.exec(readFileSync("helper/go.mod", "utf8")) ?? [];
    expect(base.localeCompare(least, "en", { numeric: true })).toBeGreaterThanOrEqual(0);
  });

  test("the base image comes from the environment's registry", async () => {
    await deliver("kind", "docker", { registry: "mirror.example/hub" });
    const base = /^ARG BASE_IMAGE=(.*)$/m.exec(readFileSync("webapp/Dockerfile", "utf8"))?.[1];
    expect(bringing()[0]).toBe(`docker build ${label} --build-arg BASE_IMAGE=mirror.example/hub/library/${base} --tag ${NAME} webapp`);
  });

  test("where the other images stand in, the base image is the one that is made here", async () => {
    await deliver("kind", "docker", { images: { ...config.images, mysql: "cloudnova.local/mysql:sid" } });
    expect(bringing()[0]).toBe(`docker build ${label} --build-arg BASE_IMAGE=cloudnova.local/python:bookworm-abc --tag ${NAME} webapp`);
    const before = machine.calls.length;
    await deliver("kind", "docker", { images: { ...config.images, mysql: "cloudnova.local/mysql:sid" } });
    expect(machine.calls.slice(before).filter((call) => /^cluster|build/.test(call))).toEqual([]); // nothing is made to see that nothing has changed
    const destination = { to: "kind", builder: "docker", engine: "docker" } as const;
    const images = { ...config.images, mysql: "cloudnova.local/mysql:sid" };
    await deliverImage(machine.around(), { ...config, images }, ownBuild("helper", IMAGES.helper), destination);
    expect(machine.calls.findLast((call) => call.startsWith("docker build"))).toBe(
      `docker build ${label} --build-arg BASE_IMAGE=cloudnova.local/golang:1.26-abc --tag docker.io/library/${IMAGES.helper} helper`,
    );
  });

  describe("of an application of the user's", () => {
    const shop = (more: Partial<Build> = {}): Build => {
      const context = join(machine.folder, "shop");
      return {
        image: "cloudnova.local/shop:1",
        context,
        dockerfile: join(context, "Dockerfile"),
        args: {},
        application: { name: "shop", namespace: "cloudnova-shop" },
        ...more,
      };
    };
    const write = (file: string, text: string) => {
      mkdirSync(join(shop().context, file, ".."), { recursive: true });
      writeFileSync(join(shop().context, file), text);
    };
    const bring = (build: Build, more: Partial<typeof config> = {}) => {
      const around = machine.around();
      const done = deliverImage(around, { ...config, ...more }, build, { to: "kind", builder: "docker", engine: "docker" });
      return { done, shown: around.shown };
    };
    const calls = () => bringing().map((call) => call.replaceAll(machine.folder, "."));
    beforeEach(() => {
      write("Dockerfile", "FROM python:3.11-slim\nCOPY . /app\n");
      write("app.py", "print()");
    });

    test("is built with its file, stage and arguments, loaded, and neither again while nothing changes", async () => {
      write("deploy/prod.dockerfile", "FROM python:3.11-slim AS app\n");
      const build = shop({ dockerfile: join(shop().context, "deploy/prod.dockerfile"), target: "app", args: { VERSION: "2" } });
      await bring(build).done;
      expect(calls()).toEqual([
        "docker build --label dev.cloudnova.content=HASH --file ./shop/deploy/prod.dockerfile --target app --build-arg VERSION=2 --tag cloudnova.local/shop:1 ./shop",
        "kind load docker-image cloudnova.local/shop:1 --name cloudnova",
        pinInNode("docker", "cloudnova.local/shop:1"),
      ]);
      await bring(build).done;
      expect(calls()).toHaveLength(3);
      write("app.py", "print(1)");
      await bring(build).done;
      expect(calls()).toHaveLength(6);
    });

    test("its base image is replaced where the Dockerfile lets it be, and only there", async () => {
      const standIns = { images: { ...config.images, mysql: "cloudnova.local/mysql:sid" } };
      await bring(shop(), standIns).done;
      write("Dockerfile", "ARG BASE_IMAGE=python:3.11-slim\nFROM $BASE_IMAGE\n");
      await bring(shop(), standIns).done;
      await bring(shop({ args: { BASE_IMAGE: "mine:1" } }), standIns).done;
      const builds = calls().filter((call) => call.startsWith("docker build"));
      expect(builds.map((call) => /BASE_IMAGE=\S+/.exec(call)?.[0])).toEqual([
        undefined,
        "BASE_IMAGE=cloudnova.local/python:bookworm-abc",
        "BASE_IMAGE=mine:1",
      ]);
    });

    test.each([
      [
        "error: subprocess-exited-with-error\n/bin/sh: 1: pkg-config: not found\nException: Can not find valid pkg-config name.",
        /→ mysqlclient is compiled: .*gcc default-libmysqlclient-dev pkg-config/,
      ],
      ["ERROR: No matching distribution found for Flask==99", /→ correct the version of that package in requirements\.txt/],
      ['failed to compute cache key: "/requirements.txt": not found', /→ a file that COPY or ADD names is not in the build's context/],
      ["failed to solve: target stage prod could not be found", /→ correct applications\.shop\.build\.target/],
      ["the --mount option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/", /→ the Dockerfile needs BuildKit: install/],
      ["dockerfile parse error line 23: unknown instruction: APK", /→ correct that line; if it belongs to a RUN <<EOF, .*BuildKit/],
      ['failed to parse platform : "" is an invalid component of ""', /→ the Dockerfile needs BuildKit: .*DOCKER_BUILDKIT=1/],
      ["write /var/lib/docker/tmp: no space left on device", /→ the disk is full/],
      ["something that nobody knows", /→ docker builds .*Dockerfile; the first build needs internet access/],
    ])("a build that fails ends with its last words and what to do: %s", async (output, told) => {
      machine.set("build-fails", output);
      const { done, shown } = bring(shop());
      const text = await failure(done);
      expect(text).toMatch(told);
      expect(text).toContain(`the image of shop cannot be built from ${shop().dockerfile}: the build's output ends with:`);
      expect(text).toContain(output.split("\n").at(-1));
      expect(shown()).toContain(output);
      expect(calls().filter((call) => call.startsWith("kind load"))).toEqual([]);
    });

    test("a context or Dockerfile that is not there names the key", async () => {
      const dockerfile = join(shop().context, "Containerfile");
      expect(await failure(bring(shop({ dockerfile })).done)).toMatch(
        /Containerfile cannot be read \(ENOENT\) → correct applications\.shop\.build\.context and/,
      );
      const context = join(machine.folder, "nowhere");
      expect(await failure(bring(shop({ context })).done)).toMatch(/nowhere cannot be read \(ENOENT\) → correct applications\.shop\.build/);
    });

    test("an image that the user has built is loaded once, and again when it is another", async () => {
      const around = machine.around();
      const load = () => loadLocal(around, "wiki:3", { to: "kind", builder: "docker", engine: "docker" });
      expect(await load()).toEqual([]); // Docker does not have it: the cluster may
      expect(calls()).toEqual([]);
      const id = (digit: string) => `sha256:${digit.repeat(64)}`;
      machine.set("built", JSON.stringify([{ Id: id("1") }]));
      machine.set("in-node", JSON.stringify({ status: { id: id("0"), repoDigests: [] } }));
      await load();
      const wiki = "docker.io/library/wiki:3";
      expect(calls()).toEqual([`kind load docker-image ${wiki} --name cloudnova`, pinInNode("docker", wiki)]);
      machine.set("in-node", JSON.stringify({ status: { id: id("1"), repoDigests: [], pinned: true } }));
      expect(await load()).toEqual([id("1")]);
      expect(calls()).toHaveLength(2);
    });

    // No emulation knows this processor.
    const OTHER = "s390";
    test("an image that was built for another processor than the node's is not loaded", async () => {
      machine.set("builds-for", OTHER);
      machine.set("processor", "x86_64");
      const told = await failure(bring(shop()).done);
      expect(told).toMatch(
        /^the image cloudnova.local\/shop:1 is for s390, and the cluster's node has amd64: it could not start there → let /,
      );
      expect(told).toMatch(/begin with a base image that exists for linux\/amd64; remove --platform from its FROM lines/);
      expect(calls().filter((call) => call.startsWith("kind load"))).toEqual([]);
    });
    test.each([
      ["x86_64", "amd64"],
      ["aarch64", "arm64"],
    ])("a node with %s runs an image for %s", async (node, architecture) => {
      machine.set("processor", node);
      machine.set("builds-for", architecture);
      await bring(shop()).done;
      expect(machine.has("loaded")).toBe(true);
    });
    test("an image that the user has built for another processor is not loaded", async () => {
      machine.set("built", JSON.stringify([{ Id: "sha256:1", Architecture: OTHER }]));
      machine.set("processor", "aarch64");
      const load = loadLocal(machine.around(), "wiki:3", { to: "kind", builder: "docker", engine: "docker" });
      expect(await failure(load)).toMatch(
        /^the image wiki:3 is for s390, and the cluster's node has arm64: .* → build it again for the node: docker build --platform linux\/arm64 --tag wiki:3 FOLDER$/,
      );
      expect(machine.has("loaded")).toBe(false);
    });
    test("what docker, podman and buildah print of an image's processor", () => {
      expect(imageProcessor('[{"Architecture":"arm64"}]')).toBe("arm64");
      expect(imageProcessor('{"OCIv1":{"architecture":"amd64"}}')).toBe("amd64");
      for (const nothing of ["", "[]", '[{"Architecture":""}]', "{}"]) expect(imageProcessor(nothing)).toBeUndefined();
    });

    test(".dockerignore as Docker reads it", () => {
      for (const file of [".git/HEAD", "venv/lib/a.py", "logs/a.log", "logs/keep.txt", "src/a.pyc", "src/a.py", "docs/x/y.md"])
        write(file, "x");
      const lines = "# comment\n\n.git\n/venv/\nlogs/*\n!logs/keep.txt\n**/*.pyc\ndocs/**/y.?d\n";
      write(".dockerignore", lines);
      expect(contextFiles(shop())).toEqual([".dockerignore", "Dockerfile", "app.py", "logs/keep.txt", "src/a.py"]);
      write("Dockerfile.dockerignore", "*\n!app.py\n");
      expect(contextFiles(shop())).toEqual(["app.py"]);
      expect(ignoredIn("a[0-9].txt")[0]?.fits.test("a7.txt")).toBe(true);
    });

    test("a file that becomes executable, or another argument, is another content", () => {
      const first = contentOf(shop());
      expect(contentOf(shop({ args: { A: "1" } }))).not.toBe(first);
      expect(contentOf(shop({ target: "x" }))).not.toBe(first);
      chmodSync(join(shop().context, "app.py"), 0o755);
      expect(contentOf(shop())).not.toBe(first);
    });
  });

  test("a build that fails is told, its own words once, and nothing is loaded", async () => {
    machine.set("build-fails");
    const around = machine.around();
    const told = await failure(
      deliverImage(around, config, ownBuild("webapp", IMAGE), { to: "kind", builder: "docker", engine: "docker" }),
    );
    expect(told).toMatch(/docker build .*: the command failed; see its output above → .*the first build needs internet access/);
    expect(`${around.shown()}${told}`.match(/failed to solve/g)).toHaveLength(1);
    expect(machine.has("loaded")).toBe(false);
  });

  test.each(["kind", "k3s"] as const)("a disk that is full while it is loaded into %s is told", async (to) => {
    machine.set("disk-full");
    expect(await failure(deliver(to, "docker"))).toMatch(/→ the disk is full: see 'docker system df' and 'df -h'/);
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
    expect(await failure(prepareK3s(machine.around(), kubeconfig, false))).toMatch(/did not return a script → check whether a proxy/);
    expect(machine.calls).toEqual(["curl -sfL https://get.k3s.io"]);
  });

  test("no internet, or no right to read its kubeconfig, is told", async () => {
    machine.program("curl", "exit 6");
    expect(await failure(prepareK3s(machine.around(), kubeconfig, false))).toMatch(/^curl -sfL .* → the installer needs internet access$/);
    machine.program("k3s", K3S);
    machine.set("not-root");
    expect(await failure(prepareK3s(machine.around(), kubeconfig, false))).toMatch(
      /permission denied → only root can read its kubeconfig: use sudo/,
    );
  });
});

describe("what a machine has", () => {
  const seen = (env = {}) => machineFacts(machine.around({ K3S_KUBECONFIG_OUTPUT: join(machine.folder, "none"), ...env }));

  test("programs that answer", async () => {
    machine.program("k3s", K3S);
    expect(await seen()).toMatchObject({
      docker: { state: "answers", own: false },
      podman: true,
      buildah: true,
      kind: { version: "v0.33.0" },
      engine: "docker",
      kindCluster: [],
      k3s: "installed",
    });
  });
  test("kind's cluster, in any state", async () => {
    machine.set("cluster", "cloudnova\n");
    machine.set("nodes", JSON.stringify([kindNode("exited", { image: "cloudnova.local/node:1" })]));
    expect((await seen()).kindCluster).toMatchObject([{ status: "exited", image: "cloudnova.local/node:1", controlPlane: true }]);
  });
  test("while Docker is down nothing is known of the cluster", async () => {
    for (const program of ["podman", "buildah"]) machine.program(program, "exit 127");
    machine.set("docker-down");
    expect(await seen()).toMatchObject({ docker: { state: "down" }, kindCluster: undefined, kind: { version: "v0.33.0" } });
  });
  test("a node image can only be made by root on Linux, with Go: told before the plan", async () => {
    const { config } = loadEnvironment("environments/stand-ins.yaml");
    const wanted = { ...config, ingress: { ...config.ingress, ports: TEST_PORTS } };
    const around = machine.around();
    const facts = await seen();
    const ahead = (more: object) =>
      failure(clusterNeeds(around, { ...facts, machine: { ...facts.machine, ...more } }, wanted, [], async () => "silent"));
    expect(await ahead({ linux: false, root: true, go: true })).toMatch(
      /only root on Linux can build a node image with them → where a registry is reachable, use the environment kind/,
    );
    expect(await ahead({ linux: true, root: true, go: false })).toMatch(/needs Go 1\.26 or newer/);
    expect(await ahead({ linux: true, root: true, go: true })).toBe("nothing failed");
    expect(machine.calls).toContain("cluster node-image --plan");
  });
  test("a DOCKER_HOST of another's is noted, since that daemon is never started; our own may be", async () => {
    expect((await seen({ DOCKER_HOST: "tcp://10.0.0.1:2376" })).machine.dockerHost).toBe("tcp://10.0.0.1:2376");
    expect((await seen({ DOCKER_HOST: OWN_DOCKER })).machine.dockerHost).toBeUndefined();
  });
  test("nothing at all", async () => {
    const empty = new Machine();
    const { docker, podman, buildah, kind, kindCluster } = await machineFacts(empty.around());
    empty.remove();
    expect({ docker, podman, buildah, kind, kindCluster }).toEqual({
      docker: { state: "absent" },
      podman: false,
      buildah: false,
      kind: {},
      kindCluster: undefined,
    });
  });
  test("k3s is also known by its kubeconfig", async () => {
    machine.set("k3s.yaml");
    expect((await seen({ K3S_KUBECONFIG_OUTPUT: join(machine.folder, "state", "k3s.yaml") })).k3s).toBe("installed");
  });
});
