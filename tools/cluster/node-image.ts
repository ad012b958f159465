import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Composed, IMAGE_REPOSITORY } from "../../src/target/node-image.ts";
import { withLock } from "../common/lock.ts";
import { withProgress } from "../common/progress.ts";
import { repositoryRoot } from "../common/root.ts";
import { output, run } from "../common/run.ts";
import { withTemporaryFolder } from "../common/temporary.ts";
import { definitionHash } from "../toolchain/definition.ts";
import { buildPrograms, type Programs } from "./built-programs.ts";
import { imageCache } from "./cache.ts";
import { type DebianRoot, debianRoot } from "./debian.ts";
import { type Image, PATH, writeArchive, writeLayer } from "./oci.ts";
import {
  GOLANG_BASE,
  type ImageRecipe,
  type KindNames,
  kubernetesImages,
  NODE_ROOT,
  PYTHON,
  PYTHON_BASE,
  ROOTS,
  standIns,
} from "./table.ts";
import { versionsOf } from "./versions.ts";

const TAR = "kubernetes-server-linux-amd64.tar.gz"; // kind reads the version beside it, and no architecture from the name
const ALONE = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"];

/**
 * Has kind's own `kind build node-image` make a node image of this checkout's Kubernetes, in the Docker that answers. Nothing is
 * pulled: the images that kind and kubeadm ask for come from programs that were built here, under the names that they are asked for
 * by. The images of environments/stand-ins.yaml lie in it too. One that is there already is found by its content.
 *
 * @throws Error in words of the program that failed
 */
export async function nodeImage(): Promise<Composed> {
  const programs = await buildPrograms();
  const versions = versionsOf();
  const module = await kindModule();
  const names = await kindNames(module);
  const roots = { system: await debianRoot(ROOTS.system), servers: await debianRoot(ROOTS.servers) };
  const [node, python] = [await debianRoot(NODE_ROOT), await debianRoot(PYTHON)];
  const parts = kubernetesImages(programs, versions, names);
  const stands = standIns(programs, versions);
  const folder = join(repositoryRoot(), "tools", "cluster", "node");
  const cni = (await readFile(join(folder, "cni.yaml"), "utf8")).replaceAll(
    "IMAGE:kube-router",
    `${IMAGE_REPOSITORY}/kube-router:${versions["kube-router"]}`,
  );
  const dockerfile = await readFile(join(folder, "base.dockerfile"), "utf8");
  const hash = definitionHash({ cni, dockerfile }, [
    JSON.stringify([parts, stands, roots, node, programs.containerd, programs.crictl, module]),
  ]);
  const image = `${IMAGE_REPOSITORY}/node:${versions.kubernetes}-${hash}`;
  await makeGolangBase(await makePythonBase(python));
  if (!(await isThere(image))) {
    const wait = () => void process.stderr.write("… kind's node image: waiting for another run that makes it\n");
    await withLock(join(imageCache(), "node-image.lock"), wait, async () => {
      if (await isThere(image)) return;
      const base = await baseImage(node, dockerfile, module, programs);
      await withProgress("making kind's node image", "first time only, about 3 minutes", async () => {
        const built = await build(base, image, versions.kubernetes, programs, [...parts, ...stands], roots);
        await dockerBuild(image, `FROM ${built}\nCOPY cni.yaml /kind/manifests/default-cni.yaml\n`, { "cni.yaml": cni });
        await output("docker", ["image", "rm", built]);
        await removeOthers(image);
        await removeOthers(base);
      });
    });
  }
  return { image, bases: { python: PYTHON_BASE, golang: GOLANG_BASE }, standIns: described(stands, roots) };
}

/** Whether Docker has an image. */
export const isThere = async (image: string): Promise<boolean> => (await run("docker", ["image", "inspect", image])).status === 0;

/** Removes images of the same name that earlier checkouts made, gigabytes each. One that a container uses stays. */
async function removeOthers(image: string): Promise<void> {
  const [repository = ""] = image.split(":");
  const listed = await output("docker", ["image", "ls", "--format", "{{.Repository}}:{{.Tag}}", repository]);
  for (const other of listed.split(/\s+/).filter((name) => name !== "" && name !== image)) await run("docker", ["image", "rm", other]);
}

/** What each image of environments/stand-ins.yaml holds, for a person. */
function described(stands: readonly ImageRecipe[], roots: Readonly<Record<string, DebianRoot>>): Record<string, string> {
  const packages: Readonly<Record<string, string>> = { mysql: "mysql-server-core" };
  return Object.fromEntries(
    stands.map(({ name, root, program }) => {
      const short = /\/([\w-]+):/.exec(name)?.[1] ?? name;
      if (short === "ballast") return [name, "takes Grafana's memory and answers its probes; Grafana itself does not run"];
      if (program && !root) return [name, `${short} ${name.split(":").at(-1)}`];
      const versions = roots[root ?? ""]?.versions ?? {};
      const found = [packages[short] ?? "", short, `prometheus-${short}`].find((one) => versions[one]);
      return [name, `${found} ${versions[found ?? ""]} of Debian ${ROOTS[root ?? "servers"].suite}`];
    }),
  );
}

/** The folder of kind's module, from which its node's files and the names of its images are read. */
async function kindModule(): Promise<string> {
  const cwd = join(repositoryRoot(), "tools", "go", "kind");
  const { Dir } = JSON.parse(await output("go", ["mod", "download", "-json", "sigs.k8s.io/kind"], { cwd }));
  return Dir;
}

async function kindNames(module: string): Promise<KindNames> {
  const read = (...path: string[]) => readFile(join(module, ...path), "utf8");
  const sources = (await Promise.all(["const_cni.go", "const_storage.go"].map((file) => read("pkg", "build", "nodeimage", file)))).join(
    "\n",
  );
  const named = (name: string): string => {
    const found = new RegExp(`"(docker\\.io/kindest/${name}:[^"]+)"`).exec(sources)?.[1];
    if (!found)
      throw new Error(`kind's module names no image ${name} in pkg/build/nodeimage: look there, and change tools/cluster/node-image.ts`);
    return found;
  };
  const pause = /sandbox_image = "(\S+)"/.exec(await read("images", "base", "files", "etc", "containerd", "config.toml"))?.[1];
  if (!pause) throw new Error("kind's module names no sandbox_image in its containerd configuration");
  return {
    kindnetd: named("kindnetd"),
    provisioner: named("local-path-provisioner"),
    helper: named("local-path-helper"),
    pause: [pause],
  };
}

/** Builds an image from a Dockerfile and files by name. */
async function dockerBuild(name: string, dockerfile: string, files: Readonly<Record<string, string>> = {}): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    for (const [file, text] of Object.entries({ ...files, Dockerfile: dockerfile })) await writeFile(join(folder, file), text);
    await output("docker", ["build", "--quiet", "--tag", name, folder]);
  });
}

/** Makes a root file system an image of Docker. @returns its digest */
export const importRoot = (root: DebianRoot, name: string): Promise<string> =>
  output("docker", ["import", "--change", `ENV ${PATH}`, root.tar, name]);

/**
 * The base of webapp/Dockerfile, from Debian's packages. Its pip trusts what this machine trusts: networks that open TLS have such.
 *
 * @returns its name with a tag of its content
 */
async function makePythonBase(root: DebianRoot): Promise<string> {
  const trust = await readFile("/etc/ssl/certs/ca-certificates.crt", "utf8");
  const made = `${PYTHON_BASE}-${definitionHash({ trust }, [JSON.stringify(root)])}`;
  if (!(await isThere(made))) {
    const bare = `${made}-bare`;
    await importRoot(root, bare);
    const pip = "[global]\ncert = /etc/ssl/certs/machine.crt\n";
    const files = { "machine.crt": trust, "pip.conf": pip };
    await dockerBuild(made, `FROM ${bare}\nCOPY machine.crt /etc/ssl/certs/\nCOPY pip.conf /etc/\n`, files);
    await output("docker", ["image", "rm", bare]);
  }
  await output("docker", ["image", "tag", made, PYTHON_BASE]);
  return made;
}

/** Settings of Go by which a build finds modules as this machine does. */
const GO_SETTINGS = ["GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE"] as const;

/** The base of helper/Dockerfile: Debian with this machine's Go, which trusts what the machine trusts and asks the same module proxy. */
async function makeGolangBase(debian: string): Promise<void> {
  // In the module's folder: there a Go that is too old names the newer one that it has downloaded.
  const cwd = join(repositoryRoot(), "helper");
  const go: Readonly<Record<string, string>> = JSON.parse(
    await output("go", ["env", "-json", "GOROOT", "GOVERSION", ...GO_SETTINGS], { cwd }),
  );
  const settings = GO_SETTINGS.filter((name) => go[name]).map((name) => `ENV ${name}=${JSON.stringify(go[name])}\n`);
  const dockerfile = [
    `FROM ${debian}\n`,
    "COPY go /usr/local/go\n",
    "RUN cp /etc/ssl/certs/machine.crt /etc/ssl/certs/ca-certificates.crt\n",
    `ENV GOTOOLCHAIN=local ${PATH}:/usr/local/go/bin\n`,
    ...settings,
  ].join("");
  const made = `${GOLANG_BASE}-${definitionHash({ dockerfile }, [go.GOVERSION ?? ""])}`;
  if (!(await isThere(made))) {
    await withProgress("making the base of the helper's image", "first time only, half a minute", () =>
      withTemporaryFolder(async (folder) => {
        await mkdir(join(folder, "go"));
        const parts = ["bin", "lib", "pkg", "src", "VERSION", "go.env"].map((part) => join(go.GOROOT ?? "", part));
        // A distribution's Go is made of links to other folders.
        await output("cp", ["--recursive", "--dereference", ...parts, join(folder, "go")]);
        await writeFile(join(folder, "Dockerfile"), dockerfile);
        await output("docker", ["build", "--quiet", "--tag", made, folder]);
      }),
    );
  }
  await output("docker", ["image", "tag", made, GOLANG_BASE]);
}

/** kind's base image: Debian's packages with kind's own files, see node/base.dockerfile. */
async function baseImage(root: DebianRoot, dockerfile: string, module: string, programs: Programs): Promise<string> {
  const inside = ["containerd", "ctr", "containerd-shim-runc-v2", "crictl"];
  const hash = definitionHash({ dockerfile }, [JSON.stringify([root, module, inside.map((name) => programs[name])])]);
  const name = `${IMAGE_REPOSITORY}/node-base:${hash}`;
  if (await isThere(name)) return name;
  return withProgress("making kind's base image", "first time only, a minute", () =>
    withTemporaryFolder(async (folder) => {
      const debian = `${name}-debian`;
      await importRoot(root, debian);
      const files = join(folder, "files");
      await mkdir(files);
      for (const part of ["etc", "kind", "usr"])
        await cp(join(module, "images", "base", "files", part), join(files, part), { recursive: true });
      await mkdir(join(folder, "programs"));
      for (const program of inside) await cp(programs[program] ?? "", join(folder, "programs", program));
      // The module's files are read-only, and none of them is executable.
      await output("chmod", ["-R", "u=rwX,go=rX", folder]);
      const scripts = ["kind/bin", "usr/local/bin"].map((path) => join(files, path));
      await output("find", [...scripts, join(folder, "programs"), "-type", "f", "-exec", "chmod", "755", "{}", "+"]);
      await writeFile(join(folder, "Dockerfile"), dockerfile);
      await output("docker", ["build", "--quiet", "--build-arg", `DEBIAN=${debian}`, "--tag", name, folder]);
      await output("docker", ["image", "rm", debian]);
      return name;
    }),
  );
}

/** Has kind build the node image from a server tarball whose image archives hold everything that it would pull otherwise. */
async function build(
  base: string,
  image: string,
  version: string,
  programs: Programs,
  recipes: readonly ImageRecipe[],
  roots: Readonly<Record<string, DebianRoot>>,
): Promise<string> {
  return withTemporaryFolder(async (folder) => {
    const bin = join(folder, "kubernetes", "server", "bin");
    await mkdir(bin, { recursive: true });
    await writeFile(join(folder, "kubernetes", "version"), version);
    for (const name of ["kubeadm", "kubelet", "kubectl"]) await cp(programs[name] ?? "", join(bin, name));
    const isAlone = (name: string, part: string) => name.includes(`/${part}:`);
    for (const part of ALONE)
      await archive(
        join(bin, `${part}.tar`),
        recipes.filter(({ name }) => isAlone(name, part)),
        roots,
      );
    const others = recipes.filter(({ name }) => !ALONE.some((part) => isAlone(name, part)));
    await archive(join(bin, "kube-proxy.tar"), others, roots);
    await output("bash", ["-c", `tar --create kubernetes | gzip -1 >${TAR}`], { cwd: folder });
    const built = `${image}-kind`;
    const args = ["build", "node-image", join(folder, TAR), "--type", "file", "--base-image", base, "--image", built];
    const { status, words } = await run(programs.kind ?? "", args, { env: { TMPDIR: folder } });
    if (status !== 0) throw new Error(`kind build node-image failed:\n${words.split("\n").slice(-20).join("\n")}`);
    return built;
  });
}

async function archive(target: string, recipes: readonly ImageRecipe[], roots: Readonly<Record<string, DebianRoot>>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const images: Image[] = [];
    for (const { name, root, program, entrypoint, env } of recipes) {
      const layers = root ? [roots[root]?.tar ?? ""] : [];
      if (program) {
        const layer = join(folder, `${images.length}.tar`);
        await writeLayer(layer, [program]);
        layers.push(layer);
      }
      images.push({ name, layers, entrypoint, env });
    }
    await writeArchive(target, images);
  });
}
