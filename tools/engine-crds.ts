import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { repositoryRoot } from "./common/root.ts";
import { output } from "./common/run.ts";
import { cut, type Kept } from "./engine-crds/cut.ts";
import { requiredVersion } from "./toolchain/definition.ts";

// `npm run engine-crds`: cuts the part of Argo CD's and Flux' definitions that gitops/ uses out of their Go modules, into crds/.

const ARGO_CD = "github.com/argoproj/argo-cd/v2";

interface Engine {
  readonly of: string;
  readonly module: string;
  readonly version: string;
  /** Path in the module, and the API's version in it. */
  readonly file: string;
  readonly served: string;
  readonly to: string;
  readonly kept: Kept;
}

const ENGINES: readonly Engine[] = [
  {
    of: "Argo CD's Application",
    module: ARGO_CD,
    version: requiredVersion(readFileSync(join(repositoryRoot(), "tools", "go", "argo-cd", "go.mod"), "utf8"), ARGO_CD),
    file: "manifests/crds/application-crd.yaml",
    served: "v1alpha1",
    to: "argoproj.io.yaml",
    kept: {
      project: true,
      destination: { server: true },
      source: { repoURL: true, targetRevision: true, path: true, directory: { include: true } },
      syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: true, retry: true },
      ignoreDifferences: { group: true, kind: true, managedFieldsManagers: true },
    },
  },
  {
    of: "Flux' GitRepository",
    module: "github.com/fluxcd/source-controller",
    version: "v1.7.3",
    file: "config/crd/bases/source.toolkit.fluxcd.io_gitrepositories.yaml",
    served: "v1",
    to: "source.toolkit.fluxcd.io.yaml",
    kept: { url: true, ref: { branch: true }, interval: true, secretRef: true },
  },
  {
    of: "Flux' Kustomization",
    module: "github.com/fluxcd/kustomize-controller",
    version: "v1.7.3",
    file: "config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml",
    served: "v1",
    to: "kustomize.toolkit.fluxcd.io.yaml",
    kept: {
      interval: true,
      retryInterval: true,
      timeout: true,
      path: true,
      prune: true,
      wait: true,
      deletionPolicy: true,
      sourceRef: { kind: true, name: true },
    },
  },
];

async function write({ of, module, version, file, served, to, kept }: Engine): Promise<void> {
  const { Dir } = JSON.parse(await output("go", ["mod", "download", "-json", `${module}@${version}`], { cwd: "/" }));
  const head = [
    `# The part of ${of} that CloudNova uses, from the Go module ${module} ${version}, by \`npm run engine-crds\`.`,
    "# Keys that are left out are gone with the rules on them; what is here is unchanged.",
    "# Source of imports/ and of the tests; never applied to a cluster, which has the engine's own.",
  ];
  const text = stringify(cut(parse(readFileSync(join(Dir, file), "utf8")), served, kept), { lineWidth: 138 });
  writeFileSync(join(repositoryRoot(), "crds", to), `${head.join("\n")}\n${text}`);
  console.log(`crds/${to}: ${module} ${version}`);
}

async function main(): Promise<void> {
  for (const engine of ENGINES) await write(engine);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
