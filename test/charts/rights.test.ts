import { readFileSync } from "node:fs";
import { EVERYTHING } from "../everything.ts";
import { type Manifest, manifestsOf, SHIPPED, synthesiseFile, synthesiseText } from "../manifests.ts";

// What each service account may do where. A right is one verb on one resource, so that it does not matter how rules group them.

/** The rights of a role, such as `get /secrets mysql-accounts` or `update networking.k8s.io/ingresses/status`. */
function rightsOf({ rules }: Manifest): string[] {
  const rights: string[] = [];
  for (const { apiGroups, resources, resourceNames = [""], verbs } of rules)
    for (const group of apiGroups)
      for (const resource of resources)
        for (const name of resourceNames) for (const verb of verbs) rights.push(`${verb} ${group}/${resource} ${name}`.trim());
  return rights;
}

/** By service account and place, a namespace or the cluster: what its bindings allow. */
function rightsByAccount(manifests: readonly Manifest[]): Record<string, string[]> {
  const bindings = manifests.filter(({ kind }) => /RoleBinding$/.test(kind));
  const entries = bindings.map(({ metadata: { namespace }, roleRef, subjects }) => {
    const role = manifests.find(
      ({ kind, metadata }) => kind === roleRef.kind && metadata.name === roleRef.name && metadata.namespace === namespace,
    );
    expect([roleRef.apiGroup, subjects.length, subjects[0].kind]).toEqual(["rbac.authorization.k8s.io", 1, "ServiceAccount"]);
    const [{ name, namespace: home }] = subjects;
    expect(
      manifests.find(({ kind, metadata }) => kind === "ServiceAccount" && metadata.name === name && metadata.namespace === home),
    ).toBeDefined();
    return [`${name} in ${namespace ?? "the cluster"}`, rightsOf(role).sort()] as const;
  });
  return Object.fromEntries(entries);
}

const reading = (...resources: string[]) => resources.flatMap((one) => ["get", "list", "watch"].map((verb) => `${verb} ${one}`));
const writing = (...names: string[]) => names.flatMap((name) => ["get", "patch"].map((verb) => `${verb} /secrets ${name}`));

const BOOTSTRAP = [
  "create /secrets",
  ...writing(
    "backup-database",
    "backup-key",
    "certificate-authority",
    "grafana",
    "grafana-key",
    "mysql-accounts",
    "mysql-certificate",
    "webapp",
    "webapp-certificate",
  ),
];
const BACKED_UP = [
  "alerting",
  "certificate-authority",
  "grafana",
  "grafana-key",
  "mysql-accounts",
  "mysql-certificate",
  "webapp",
  "webapp-certificate",
];
/** The scheduled run reads Secrets and changes none; a restore that is asked to puts them back. */
const BACKUP = {
  "backup in cloudnova": BACKED_UP.map((name) => `get /secrets ${name}`),
  "backup-restore in cloudnova": ["create /secrets", ...writing(...BACKED_UP)],
};
const PROMETHEUS = {
  "prometheus in the cluster": [...reading("/nodes"), "get /nodes/metrics"],
  "prometheus in cloudnova": reading("/pods"),
};
const TRAEFIK = {
  "traefik in the cluster": reading("/nodes", "networking.k8s.io/ingressclasses"),
  "traefik in cloudnova": [
    ...reading("/secrets", "/services", "discovery.k8s.io/endpointslices", "networking.k8s.io/ingresses"),
    "update networking.k8s.io/ingresses/status",
  ],
};
/** Where k3s brings Traefik, Prometheus scrapes it in its namespace. */
const K3S = { "prometheus in kube-system": reading("/pods") };

test.each(SHIPPED)("%s: each account has the rights that its program uses, and no other has any", (file) => {
  const manifests = manifestsOf(synthesiseFile(file));
  const ownTraefik = manifests.some(({ kind, metadata }) => kind === "Deployment" && metadata.name === "traefik");
  const expected = { "bootstrap in cloudnova": BOOTSTRAP, ...BACKUP, ...PROMETHEUS, ...(ownTraefik ? TRAEFIK : K3S) };
  // An external MySQL server has a certificate of its own.
  const isExternal = !manifests.some(({ kind, metadata }) => kind === "StatefulSet" && metadata.name === "mysql");
  const rights = (list: readonly string[]) => [...list].filter((right) => !isExternal || !right.endsWith(" mysql-certificate")).sort();
  expect(rightsByAccount(manifests)).toEqual(Object.fromEntries(Object.entries(expected).map(([key, list]) => [key, rights(list)])));
});

describe("docs/rbac.md", () => {
  /** A place, whatever an environment calls its namespaces: its own, an application's, another one, the cluster. */
  const placeIn = (place: string, own: string) => (place === own ? "its own" : place.startsWith(`${own}-`) ? "an application's" : place);
  const listed = [...readFileSync("docs/rbac.md", "utf8").matchAll(/^\| `\S+\/(\S+)` \| (.+?) \| (.+?) \| (.+?) \|/gm)].flatMap(
    ([, account, place = "", verbs = "", resources = ""]) =>
      [...resources.matchAll(/`([a-z/]+)(?:\.([^`]+))?`/g)].flatMap(([, resource, group = ""]) =>
        [...verbs.matchAll(/`(\w+)`/g)].map(
          ([, verb]) => `${account} in ${placeIn(place.replaceAll("`", ""), "cloudnova")}: ${verb} ${group}/${resource}`,
        ),
      ),
  );

  test.each([
    ["kind", EVERYTHING.kind, "cloudnova"],
    ["k3s", EVERYTHING.k3s, "second"],
  ])("has every right that an account has on %s, but for the names of Secrets", (_, text, own) => {
    const rights = Object.entries(rightsByAccount(manifestsOf(synthesiseText(text)))).flatMap(([key, list]) => {
      const [account, place = ""] = key.split(" in ");
      return list.map((right) => `${account} in ${placeIn(place, own)}: ${right.split(" ").slice(0, 2).join(" ")}`);
    });
    expect(rights.length).toBeGreaterThan(20);
    expect([...new Set(rights)].filter((right) => !listed.includes(right))).toEqual([]);
  });
});
