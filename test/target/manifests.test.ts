import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Synthesis } from "../../charts/synth.ts";
import { type Manifest, manifestsOf, synthesiseFile, synthesiseText } from "../manifests.ts";

// What the end-to-end tests prove on kind holds for k3s as far as both get the same: this is all in which they differ.

interface Row {
  /** Objects, as `Kind namespace/name`. */
  readonly objects: RegExp;
  /** Paths of fields in them; without, the whole object is there on one side only. */
  readonly fields?: RegExp;
  readonly reason: string;
}

const TABLE: readonly Row[] = [
  { objects: /./, fields: /\/(initContainers|containers)\/[\w-]+\/image$/, reason: "no registry answers: images made on this machine" },
  { objects: /./, fields: /\/labels\/app\.kubernetes\.io\/version$/, reason: "it follows the image's tag" },
  { objects: /^Job cloudnova\/(bootstrap|backup)-/, reason: "its name carries the hash of all that it runs, image and plan included" },
  { objects: /^ConfigMap cloudnova\/backup$/, fields: /^\/data\/plan\.json\/environment$/, reason: "the environment's name in an archive" },
  {
    objects: /^(ConfigMap kube-system\/cloudnova-traefik|HelmChartConfig kube-system\/traefik)$/,
    reason: "k3s brings Traefik, which is configured",
  },
  {
    objects: /^(Deployment|Service|ServiceAccount|ConfigMap|Role|RoleBinding|NetworkPolicy|PodDisruptionBudget) cloudnova\/traefik$/,
    reason: "elsewhere Traefik is deployed",
  },
  { objects: /^(ClusterRole|ClusterRoleBinding) \/cloudnova-traefik$|^IngressClass \/traefik$/, reason: "elsewhere Traefik is deployed" },
  { objects: /^(Role|RoleBinding) kube-system\/cloudnova-prometheus$/, reason: "k3s' Traefik is found in kube-system" },
  {
    objects: /^NetworkPolicy cloudnova\/(webapp|prometheus|grafana)$/,
    fields: /\/(from|to)\/0\/namespaceSelector/,
    reason: "the namespace of Traefik",
  },
  {
    objects: /^ConfigMap cloudnova\/prometheus$/,
    fields: /^\/data\/prometheus\.yml\/scrape_configs\/(traefik\/kubernetes_sd_configs|probe)\//,
    reason: "the namespace of Traefik, and the public name",
  },
  {
    objects: /^ConfigMap cloudnova\/bootstrap$/,
    fields: /^\/data\/plan\.json\/(certificates|labels)\//,
    reason: "the public names; the image's tag",
  },
  { objects: /^Ingress /, fields: /^\/spec\/(tls|rules)\/|^\/metadata\/annotations\//, reason: "the public name" },
  { objects: /^ConfigMap cloudnova\/alertmanager$/, fields: /^\/data\/\w+\.tmpl$/, reason: "the public name in links" },
  {
    objects: /^StatefulSet cloudnova\/alertmanager$/,
    fields: /\/annotations\/cloudnova\.dev\/configuration$/,
    reason: "the hash of those links",
  },
  {
    objects: /^Deployment cloudnova\/webapp$/,
    fields: /\/env\/(WRITE_ACCESS|ADMIN_PASSWORD_FILE)\//,
    reason: "tests change users without a login (stand-ins.yaml: writeAccess)",
  },
  {
    objects: /^StatefulSet cloudnova\/mysql$/,
    fields: /\/containers\/mysql\/readinessProbe\/exec\/command\/2$/,
    reason: "k3s' kubelet evicts pods when the disk is nearly full, kind's never does (clusters.ts)",
  },
  {
    objects: /^ConfigMap cloudnova\/prometheus-rules-storage$/,
    fields: /\/DiskAlmostFull\/(expr|annotations\/description)$/,
    reason: "the alert comes before those evictions (storage-rules.ts)",
  },
  {
    objects: /^NetworkPolicy cloudnova\/(backup|bootstrap|prometheus)$/,
    fields: /^\/spec\/egress\/\d+\/to\/\d+\/ipBlock\/except\//,
    reason: "each cluster has its own ranges of pods' and Services' addresses (clusters.ts)",
  },
];

/** Every field by its path; elements of a list that have names by these, and what is YAML or JSON inside a text as such. */
function flatten(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string" && /\.(ya?ml|json)$/.test(path)) return flatten(parse(value), path);
  if (value === null || typeof value !== "object") return [[path, JSON.stringify(value)]];
  const nameOf = (one: Manifest): string | undefined => one?.name ?? one?.job_name ?? one?.alert ?? one?.record;
  const named = Array.isArray(value) && value.every((one) => typeof nameOf(one) === "string");
  return Object.entries(value).flatMap(([key, one]) => flatten(one, `${path}/${named ? nameOf(one) : key}`));
}

const objects = (synthesis: Synthesis) =>
  new Map(
    manifestsOf(synthesis).map((object) => {
      const { kind, metadata } = object;
      return [`${kind} ${metadata.namespace ?? ""}/${metadata.name}`, new Map(flatten(object))] as const;
    }),
  );

/** Object and field of each difference; no field where one side lacks the whole object. */
function differences(): { object: string; field?: string }[] {
  // On a machine of the same size, as the end-to-end tests have it.
  const standIns = readFileSync("environments/stand-ins.yaml", "utf8").replace("memory: 4Gi", "memory: 2Gi");
  const [one, other] = [objects(synthesiseFile("environments/k3s-ec2.yaml")), objects(synthesiseText(standIns))];
  return [...new Set([...one.keys(), ...other.keys()])].flatMap((object) => {
    const [here, there] = [one.get(object), other.get(object)];
    if (!here || !there) return [{ object }];
    const fields = [...new Set([...here.keys(), ...there.keys()])].filter((field) => here.get(field) !== there.get(field));
    return fields.map((field) => ({ object, field }));
  });
}

const explains = ({ objects, fields }: Row, { object, field }: { object: string; field?: string }): boolean =>
  objects.test(object) && (field === undefined ? fields === undefined : fields?.test(field) === true);

test("the manifests of stand-ins differ from k3s' by this table alone, and every row of it is needed", () => {
  const found = differences();
  expect(found.filter((one) => !TABLE.some((row) => explains(row, one)))).toEqual([]);
  expect(TABLE.filter((row) => !found.some((one) => explains(row, one))).map(({ reason, objects }) => `${objects}: ${reason}`)).toEqual([]);
});
