import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { Surroundings } from "../../src/target/process.ts";

/**
 * A machine with nothing on its PATH but made-up programs. Each writes down how it was called; what it then says is the
 * real one's own output, as its documentation and its users' logs show it. State that they share lies in files of `state/`.
 */
export class Machine {
  readonly folder = mkdtempSync(join(tmpdir(), "cloudnova-machine-"));
  readonly bin = join(this.folder, "bin");
  private readonly log = join(this.folder, "calls");

  constructor() {
    for (const name of ["bin", "state", "tools"]) mkdirSync(join(this.folder, name));
    writeFileSync(join(this.folder, "tools", "cluster.mjs"), this.tool);
  }

  /** `tools/cluster`: our own daemon, kind's program and the node image, as its page tells them. */
  get tool(): string {
    const state = JSON.stringify(join(this.folder, "state"));
    return `
      import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
      process.chdir(${state});
      const args = process.argv.slice(4);
      appendFileSync(${JSON.stringify(this.log)}, ["cluster", ...args].join(" ") + "\\n");
      const answers = {
        kind: () => ({ path: readFileSync("kind-path", "utf8"), version: "v0.33.0" }),
        docker: () => (writeFileSync("own-docker", ""), { host: "unix:///run/cloudnova-docker/docker.sock" }),
        "node-image": () => ({ image: "cloudnova.local/node:v1.34.2-abc", bases: { python: "cloudnova.local/python:bookworm-abc", golang: "cloudnova.local/golang:1.26-abc" }, standIns: { "cloudnova.local/mysql:9.7.4": "mysql-server-core 9.7.4 of Debian sid" } }),
        "node-image --plan": () => JSON.parse(existsSync("composition") ? readFileSync("composition", "utf8") : '{"toBuild":[],"minutes":0,"packages":[]}'),
        forward: () => ({ ports: [8080, 8443, 43211] }),
      };
      const name = args.join(" ");
      if (existsSync("tool-fails")) { console.error(readFileSync("tool-fails", "utf8")); process.exit(1); }
      console.log(JSON.stringify(answers[name]()));
    `;
  }

  /** Puts a program there. @param body bash, with no program but its own builtins and those of /bin */
  program(name: string, body: string): void {
    const file = join(this.bin, name);
    const state = join(this.folder, "state");
    writeFileSync(file, `#!/bin/bash\nPATH=/usr/bin:/bin\ncd ${state}\necho "${name} $*" >> ${this.log}\n${body}\n`);
    chmodSync(file, 0o755);
  }

  set(state: string, text = ""): void {
    writeFileSync(join(this.folder, "state", state), text);
  }

  /** What a program left in a file of `state/`. */
  state(name: string): string {
    return readFileSync(join(this.folder, "state", name), "utf8");
  }

  has(state: string): boolean {
    return existsSync(join(this.folder, "state", state));
  }

  /** How programs were called so far, one a line; the temporary folders' names are left out. */
  get calls(): string[] {
    if (!existsSync(this.log)) return [];
    const text = readFileSync(this.log, "utf8").trim();
    return text
      .replace(/\/\S*cloudnova-image-\w+\//g, "TMP/")
      .replace(/(content=)[0-9a-f]{64}/g, "$1HASH")
      .split("\n");
  }

  /** What the code under test is given; what it shows goes to `shown`. */
  around(env: Record<string, string> = {}): Surroundings & { readonly shown: () => string; readonly interrupt: AbortController } {
    const interrupt = new AbortController();
    const stderr = new PassThrough();
    const chunks: string[] = [];
    stderr.on("data", (chunk) => chunks.push(String(chunk)));
    const machine = { PATH: this.bin, HOME: this.folder, CLOUDNOVA_STATE: join(this.folder, "remembered") };
    const tools = join(this.folder, "tools");
    return { env: { ...machine, ...env }, stderr, signal: interrupt.signal, tools, shown: () => chunks.join(""), interrupt };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Ports of this machine that the tests' clusters have: those of the shipped environment may be taken where the tests run. */
export const TEST_PORTS = { http: 28_080, https: 28_443 };

/** What `container inspect` says of a node of kind, as far as it is read. */
export const kindNode = (
  status: string,
  {
    ports = { 30080: TEST_PORTS.http, 30443: TEST_PORTS.https },
    image = "kindest/node:v1.34.11",
    name = "cloudnova-control-plane",
    started = "2026-11-26T10:00:00.123456789Z",
  }: { ports?: Record<number, number>; image?: string; name?: string; started?: string } = {},
) => ({
  Name: `/${name}`,
  Created: "2026-11-26T09:00:00Z",
  State: { Status: status, StartedAt: started },
  Config: { Image: image, Labels: { "io.x-k8s.kind.cluster": "cloudnova", "io.x-k8s.kind.role": "control-plane" } },
  HostConfig: {
    PortBindings: Object.fromEntries(
      Object.entries(ports).map(([inside, outside]) => [`${inside}/tcp`, [{ HostIp: "127.0.0.1", HostPort: `${outside}` }]]),
    ),
  },
});

/** docker, whose daemon answers unless `docker-down` is set; `registry` says how the registry answers. */
export const DOCKER = `
if [ -e docker-denied ]; then
  echo "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock" >&2; exit 1
fi
if [ -e docker-down ] && ! { [ -e own-docker ] && [ "$DOCKER_HOST" = unix:///run/cloudnova-docker/docker.sock ]; }; then
  echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?" >&2; exit 1
fi
case "$1 $2" in
  "info --format") memory=8589934592; [ -e memory ] && memory=$(cat memory); echo '{"ServerVersion":"28.5.1","MemTotal":'$memory',"NCPU":4,"CgroupVersion":"2"}' ;;
  "ps --all") if [ -e nodes ] && [ "$5" = "label=io.x-k8s.kind.cluster=$(cat cluster)" ]; then echo 0c1d2e; fi ;;
  "ps --filter") if [ -e publishes ]; then cat publishes; fi ;;
  "container inspect") cat nodes ;;
  "exec cloudnova-control-plane")
    if [ "$3" = crictl ]; then
      [ -e in-node ] || { echo "no such image" >&2; exit 1; }
      text=$(cat in-node); [ ! -e pinned ] || text=\${text/'"pinned":false'/'"pinned":true'}; echo "$text"; exit
    fi
    if [ "$3 $4" = "ctr --namespace=k8s.io" ]; then
      [ -e loaded ] || [ -e in-node ] || { echo "ctr: image "$7": not found" >&2; exit 1; }
      echo "$8"; touch pinned; exit
    fi
    if [ "$3" = uname ]; then if [ -e processor ]; then cat processor; else uname -m; fi; exit; fi
    if [ -e half ]; then echo "error: stat /etc/kubernetes/admin.conf: no such file or directory" >&2; exit 1; fi
    if [ -e api-starts ]; then rm api-starts; echo "The connection to the server cloudnova-control-plane:6443 was refused - did you specify the right host or port?" >&2; exit 1; fi
    [ -e no-storage-class ] || echo storageclass.storage.k8s.io/standard
    for name in default kube-node-lease kube-public kube-system $(cat namespaces 2>/dev/null); do echo namespace/$name; done ;;
  "image inspect")
    case "$3" in
      *kindest/node*) [ -e node-image ] || { echo "Error: No such image: $3" >&2; exit 1; }; echo '[{"Id":"sha256:0c"}]' ;;
      *) if [ -e built ]; then cat built; else echo "[]"; echo "Error: No such image: $3" >&2; exit 1; fi ;;
    esac ;;
  "pull "*)
    case "$(cat registry 2>/dev/null)" in
      silent) echo 'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 127.0.0.53:53: no such host' >&2; exit 1 ;;
      limited) echo 'Error response from daemon: toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit' >&2; exit 1 ;;
      refused) echo 'Error response from daemon: manifest for example.org/kindest/node:v1.34.11 not found: manifest unknown: manifest unknown' >&2; exit 1 ;;
    esac
    trap 'exit 130' INT; echo "docker.io/kindest/node@sha256:44e2: Pulling from kindest/node"; sleep 0.2; touch node-image; echo "Status: Downloaded newer image for $2" ;;
  "build "*)
    if [ -e build-fails ]; then
      cat build-fails >&2
      [ -s build-fails ] || echo 'ERROR: failed to solve: process "/bin/sh -c pip install" did not complete successfully: exit code: 1' >&2
      exit 1
    fi
    echo "#1 [internal] load build definition from Dockerfile" >&2; architecture=amd64; [ "$(uname -m)" != aarch64 ] || architecture=arm64; [ -e builds-for ] && architecture=$(cat builds-for)
    echo '[{"Architecture":"'$architecture'","Config":{"Labels":{"content":"'$3'"}}}]' > built ;;
  "save --output") if [ -e disk-full ]; then echo "write $3: no space left on device" >&2; exit 1; fi; echo image > "$3" ;;
  "start cloudnova-control-plane"|"unpause cloudnova-control-plane")
    if [ -e port-taken ]; then echo 'Error response from daemon: driver failed programming external connectivity: Bind for 127.0.0.1:8080 failed: port is already allocated' >&2; exit 1; fi
    text=$(cat nodes); text=\${text/exited/running}; echo "\${text/paused/running}" > nodes; echo "$2" ;;
esac`;

/** kind, with the cluster there when \`cluster\` and \`nodes\` are set; \`docker\` answers for its nodes. */
export const KIND = `
case "$1 $2" in
  "get clusters") if [ -e cluster ]; then cat cluster; else echo "No kind clusters found." >&2; fi ;;
  "create cluster")
    cat > configuration
    echo "Creating cluster "$4" ..." >&2
    made() { echo $4 > cluster; echo '${JSON.stringify([kindNode("running")])}' > nodes; }
    if [ -e cluster-meanwhile ]; then
      made "$@"
      echo 'ERROR: failed to create cluster: node(s) already exist for a cluster with the name "cloudnova"' >&2; exit 1
    fi
    if [ -e port-taken ]; then
      echo " ✗ Preparing nodes 📦 " >&2
      echo 'ERROR: failed to create cluster: command "docker run --name cloudnova-control-plane" failed with error: exit status 125' >&2
      echo 'Command Output: docker: Error response from daemon: driver failed programming external connectivity on endpoint cloudnova-control-plane: Bind for 127.0.0.1:8080 failed: port is already allocated.' >&2
      exit 1
    fi
    if [ -e kind-fails ]; then cat kind-fails >&2; exit 1; fi
    if [ -e slow ]; then trap 'echo interrupted > kind-stopped; exit 130' INT; touch creating; for _ in {1..200}; do sleep 0.05; done; fi
    echo " ✓ Starting control-plane 🕹️" >&2; echo 'Set kubectl context to "kind-cloudnova"' >&2; made "$@" ;;
  "delete cluster") rm -f cluster nodes half no-storage-class; echo "Deleting cluster "$4" ..." >&2 ;;
  "export kubeconfig") if [ -e exports ]; then cp exports "$KUBECONFIG"; fi; echo 'Set kubectl context to "kind-cloudnova"' >&2 ;;
  "load docker-image")
    if [ -e disk-full ]; then echo 'ERROR: failed to load image: command "docker exec --privileged -i cloudnova-control-plane ctr images import" failed with error: exit status 1: ctr: failed to copy: write /var/lib/containerd/ingest: no space left on device' >&2; exit 1; fi
    echo 'Image: "'$3'" with ID "sha256:0c" not yet present on node "cloudnova-control-plane", loading...' >&2; echo '{"status":{"id":"sha256:'$(printf %064d 12)'","repoDigests":[],"pinned":false},"info":'$(cat built)'}' > in-node; rm -f pinned; touch loaded ;;
  "load image-archive") [ -e "$3" ] || { echo "ERROR: stat $3: no such file or directory" >&2; exit 1; }; rm -f pinned; touch loaded ;;
  "version ") version=v0.33.0; [ -e kind-version ] && version=$(cat kind-version); echo "kind $version go1.24.2 linux/amd64" ;;
esac`;

/** k3s; it answers once \`k3s-up\` is set, and only root may read its kubeconfig. */
export const K3S = `
case "$1 $2" in
  "--version ") echo "k3s version v1.33.5+k3s1 (fab4a5c3)"; echo "go version go1.24.6" ;;
  "kubectl get")
    if [ -e not-root ]; then
      echo 'error: error loading config file "/etc/rancher/k3s/k3s.yaml": open /etc/rancher/k3s/k3s.yaml: permission denied' >&2; exit 1
    fi
    if [ -e k3s-up ]; then echo ok; else touch k3s-up; echo "The connection to the server 127.0.0.1:6443 was refused" >&2; exit 1; fi ;;
  "crictl inspecti") [ -e in-k3s ] || exit 1; cat in-k3s ;;
  "ctr images")
    if [ "$3" = label ]; then
      [ -e imported ] || { echo "ctr: image "$4": not found" >&2; exit 1; }
      echo "$5"; touch pinned; exit
    fi
    if [ "$4" = - ]; then cat > imported; [ ! -e k3s-full ] || { echo "ctr: write /var/lib/rancher: no space left on device" >&2; exit 1; }; exit; fi
    [ -e "$4" ] || { echo "ctr: open $4: no such file or directory" >&2; exit 1; }
    echo "unpacking docker.io/library/cloudnova-webapp:1.0.0 (sha256:0c)...done"; touch imported ;;
esac`;

/**
 * ssh: the server is this machine, with the programs of `bin`. The connection that others share is there as long as its socket;
 * `ssh-fails` holds what it says instead of connecting.
 */
export const ssh = (bin: string): string => `
for word in "$@"; do case $word in ControlPath=*) socket=\${word#*=} ;; esac; done
command="\${@: -1}"
if [ "$1" = -G ]; then echo "hostname 203.0.113.7"; exit; fi
if [ -e ssh-fails ]; then cat ssh-fails >&2; exit 255; fi
if [ "$command" = cat ]; then touch "$socket"; exec /bin/cat > /dev/null; fi
[ -e "$socket" ] || { echo "there is no connection to share" >&2; exit 255; }
export PATH=${bin}:$PATH
exec bash -c "$command"`;

/** podman and buildah, as far as they are used; podman runs kind's nodes as docker does. */
export const PODMAN = `
case "$1 $2" in
  "build "*) touch built ;;
  "ps --all") if [ -e nodes ]; then echo 0c1d2e; fi ;;
  "container inspect") cat nodes ;;
  "exec cloudnova-control-plane") if [ "$3" = ctr ]; then touch pinned; fi ;;
  "save --output") echo image > "$3" ;;
  "push docker.io"*) file="\${3#docker-archive:}"; echo image > "\${file%%:*}" ;;
esac`;
