import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { Surroundings } from "../../src/target/run.ts";

/**
 * A machine with nothing on its PATH but made-up programs. Each writes down how it was called; what it then says is the
 * real one's own output, as its documentation and its users' logs show it. State that they share lies in files of `state/`.
 */
export class Machine {
  readonly folder = mkdtempSync(join(tmpdir(), "cloudnova-machine-"));
  readonly bin = join(this.folder, "bin");
  private readonly log = join(this.folder, "calls");

  constructor() {
    for (const name of ["bin", "state"]) mkdirSync(join(this.folder, name));
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
    return text.replace(/\/\S*cloudnova-image-\w+\//g, "TMP/").split("\n");
  }

  /** What the code under test is given; what it shows goes to `shown`. */
  around(env: Record<string, string> = {}): Surroundings & { readonly shown: () => string; readonly interrupt: AbortController } {
    const interrupt = new AbortController();
    const stderr = new PassThrough();
    const chunks: string[] = [];
    stderr.on("data", (chunk) => chunks.push(String(chunk)));
    return { env: { PATH: this.bin, ...env }, stderr, signal: interrupt.signal, shown: () => chunks.join(""), interrupt };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** docker, whose daemon answers unless `docker-down` is set. */
export const DOCKER = `
if [ -e docker-down ]; then
  echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?" >&2; exit 1
fi
case "$1 $2" in
  "version --format") echo 28.5.1 ;;
  "build --tag")
    if [ -e build-fails ]; then
      echo 'ERROR: failed to solve: process "/bin/sh -c pip install" did not complete successfully: exit code: 1' >&2; exit 1
    fi
    echo "#1 [internal] load build definition from Dockerfile" >&2; touch built ;;
  "save --output") echo image > "$3" ;;
  "container inspect")
    if [ -e container ]; then cat container; else echo "Error response from daemon: No such container: $5" >&2; exit 1; fi ;;
  "start cloudnova-control-plane") echo running > container; echo "$2" ;;
esac`;

/** kind, with the cluster there when \`cluster\` is set. */
export const KIND = `
case "$1 $2" in
  "get clusters") if [ -e cluster ]; then cat cluster; else echo "No kind clusters found." >&2; fi ;;
  "create cluster")
    cat > configuration
    echo 'Creating cluster "cloudnova" ...' >&2
    if [ -e cluster-meanwhile ]; then
      echo cloudnova > cluster
      echo 'ERROR: failed to create cluster: node(s) already exist for a cluster with the name "cloudnova"' >&2; exit 1
    fi
    if [ -e port-taken ]; then
      echo " ✗ Preparing nodes 📦 " >&2
      echo 'ERROR: failed to create cluster: command "docker run --name cloudnova-control-plane" failed with error: exit status 125' >&2
      echo 'Command Output: docker: Error response from daemon: driver failed programming external connectivity on endpoint cloudnova-control-plane: Bind for 127.0.0.1:8080 failed: port is already allocated.' >&2
      exit 1
    fi
    if [ -e slow ]; then trap 'echo interrupted > kind-stopped; exit 130' INT; touch creating; for _ in {1..200}; do sleep 0.05; done; fi
    echo " ✓ Starting control-plane 🕹️" >&2; echo 'Set kubectl context to "kind-cloudnova"' >&2; echo cloudnova > cluster; echo 'running {"30080/tcp":[{"HostIp":"127.0.0.1","HostPort":"8080"}],"30443/tcp":[{"HostIp":"127.0.0.1","HostPort":"8443"}]}' > container ;;
  "export kubeconfig")
    if [ -e no-control-plane ]; then rm no-control-plane; echo 'ERROR: failed to get cluster internal kubeconfig: command "docker exec" failed' >&2; exit 1; fi
    echo 'Set kubectl context to "kind-cloudnova"' >&2 ;;
  "load docker-image") echo 'Image: "'$3'" with ID "sha256:0c" not yet present on node "cloudnova-control-plane", loading...' >&2; touch loaded ;;
  "load image-archive") [ -e "$3" ] || { echo "ERROR: stat $3: no such file or directory" >&2; exit 1; }; touch loaded ;;
  "version ") echo "kind v0.29.0 go1.24.2 linux/amd64" ;;
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
  "ctr images")
    if [ "$3" = label ]; then
      [ -e imported ] || { echo "ctr: image "$4": not found" >&2; exit 1; }
      echo "$5"; touch pinned; exit
    fi
    [ -e "$4" ] || { echo "ctr: open $4: no such file or directory" >&2; exit 1; }
    echo "unpacking docker.io/library/cloudnova-webapp:1.0.0 (sha256:0c)...done"; touch imported ;;
esac`;

/** podman and buildah, as far as they are used. */
export const PODMAN = `
case "$1 $2" in
  "build --tag") touch built ;;
  "save --output") echo image > "$3" ;;
  "push docker.io"*) file="\${3#docker-archive:}"; echo image > "\${file%%:*}" ;;
esac`;
