import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { z } from "zod";
import { Application } from "../../imports/argoproj.io.ts";
import {
  Kustomization,
  KustomizationSpecDeletionPolicy,
  KustomizationSpecSourceRefKind,
} from "../../imports/kustomize.toolkit.fluxcd.io.ts";
import { GitRepository } from "../../imports/source.toolkit.fluxcd.io.ts";
import { BACKUP_MANAGER, DRILL_MANAGER, OPEN_MANAGER } from "../../src/cluster/objects/managers.ts";
import { toYaml } from "../../src/yaml.ts";

/** The one file that a fork changes. */
const REPOSITORY = "gitops/repository.yaml";

const schema = z.strictObject({
  url: z.string().regex(/^(https?|ssh):\/\/\S+$/, "an address that begins with https://, http:// or ssh://, which both engines read"),
  branch: z.string().regex(/^[^\s~^:?*[\\]+$/, "the name of a branch"),
});

/** Where the engines read the repository. */
export type Repository = z.infer<typeof schema>;

/** Reads `gitops/repository.yaml`. @throws Error that names the file, the key and what belongs there */
export function readRepository(text = readFileSync(REPOSITORY, "utf8")): Repository {
  const document = parseDocument(text);
  if (document.errors[0]) throw new Error(`${REPOSITORY}: ${document.errors[0].message}`);
  const { data, error } = schema.safeParse(document.toJS());
  if (data) return data;
  throw new Error(error?.issues.map(({ path, message }) => `${REPOSITORY}: ${path.join(".") || "the file"}: ${message}`).join("\n"));
}

const HEADER = `# Made from ${REPOSITORY} by \`npm run generate\`. Change that file, not this one.\n`;

/** The name of an environment's objects: two environments may be on one cluster. */
const nameFor = (environment: string): string => `cloudnova-${environment}`;

/**
 * Argo CD's Application of an environment. It has no finalizer: who deletes it keeps what it brought. What a backup, a drill or
 * `open` sets for a while is left alone, by the field manager that it is set under.
 */
export function argoCd(environment: string, { url, branch }: Repository): string {
  const application = Application.manifest({
    metadata: { name: nameFor(environment), namespace: "argocd" },
    spec: {
      project: "default",
      destination: { server: "https://kubernetes.default.svc" },
      // Plain files: the Kustomization beside them says the same, and would need kustomize in the repo-server.
      source: { repoUrl: url, targetRevision: branch, path: `dist/${environment}`, directory: { include: "*.k8s.yaml" } },
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        // The last one: two Applications on one namespace would take its objects from each other for ever.
        syncOptions: ["ServerSideApply=true", "RespectIgnoreDifferences=true", "FailOnSharedResource=true"],
        // Argo CD begins no other commit, also no revert, until its tries of one that fails are over: its own five took 7 minutes.
        retry: { limit: 2, backoff: { duration: "10s", factor: 2, maxDuration: "1m" } },
      },
      ignoreDifferences: [{ group: "*", kind: "*", managedFieldsManagers: [BACKUP_MANAGER, DRILL_MANAGER, OPEN_MANAGER] }],
    },
  });
  return HEADER + toYaml(application);
}

/** Flux' source of the repository and the Kustomization of an environment. Who deletes them keeps what they brought. */
export function flux(environment: string, { url, branch }: Repository): string {
  const metadata = { name: nameFor(environment), namespace: "flux-system" };
  const source = GitRepository.manifest({ metadata, spec: { url, ref: { branch }, interval: "1m" } });
  const kustomization = Kustomization.manifest({
    metadata,
    spec: {
      sourceRef: { kind: KustomizationSpecSourceRefKind.GIT_REPOSITORY, name: metadata.name },
      path: `./dist/${environment}`,
      interval: "5m",
      retryInterval: "1m",
      // Flux begins no other commit, also no revert, until it has waited so long for the pods of one to start.
      timeout: "5m",
      prune: true,
      wait: true,
      deletionPolicy: KustomizationSpecDeletionPolicy.ORPHAN,
    },
  });
  return HEADER + toYaml(source, kustomization);
}
