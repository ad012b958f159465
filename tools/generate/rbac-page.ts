import { createApp, objects } from "../../charts/app.ts";
import { resolve } from "../../src/config/resolve.ts";
import { environmentSchema } from "../../src/config/schema.ts";
import { type Language, pageName, pick } from "../../src/language.ts";
import type { KubeObject } from "../common/manifests.ts";

const WORDS = {
  en: {
    title: "RBAC: what each service account may do",
    other: "Español",
    lead: (test: string, security: string) =>
      `All rules of the Roles and ClusterRoles of one environment on kind. It has every part that needs rules: the sample, backups, an application \`shop\` with a database, a volume, a Secret and metrics, and pods in \`kube-system\` under \`monitoring.scrape\`. An environment without one of these parts has no rules for it. On k3s the account \`traefik\` is absent, because k3s brings its own, and Prometheus always lists the pods of \`kube-system\`. The other pods have no token of an account. A [test](${test}) asks a real API server whether an account may do more; what somebody gets who takes one over is in the [threat model](${security}). Made by \`npm run generate\`; do not edit.`,
    head: ["account", "in", "verbs", "resources", "only these names"],
    cluster: "the cluster",
  },
  es: {
    title: "RBAC: qué puede hacer cada cuenta de servicio",
    other: "English",
    lead: (test: string, security: string) =>
      `Todas las reglas de los Roles y ClusterRoles de un entorno en kind. Tiene cada parte que necesita reglas: la aplicación de ejemplo, los respaldos, una aplicación \`shop\` con base de datos, volumen, Secret y métricas, y pods de \`kube-system\` en \`monitoring.scrape\`. Un entorno sin una de estas partes no tiene reglas para ella. En k3s no existe la cuenta \`traefik\`, porque k3s trae la suya, y Prometheus siempre lista los pods de \`kube-system\`. Los demás pods no tienen el token de ninguna cuenta. Una [prueba](${test}) pregunta a un servidor de API real si una cuenta puede hacer más; qué consigue quien toma una está en el [modelo de amenazas](${security}). Hecho con \`npm run generate\`; no se edita.`,
    head: ["cuenta", "en", "verbos", "recursos", "solo estos nombres"],
    cluster: "el clúster",
  },
};

/** Every part that brings rules. */
const ENVIRONMENT = {
  cluster: "kind",
  machine: { memory: "8Gi", cpu: "4" },
  applications: {
    webapp: { sample: {} },
    shop: { image: "shop:1", database: {}, volumes: { uploads: { path: "/srv" } }, secrets: { KEY: { generate: true } }, metrics: {} },
  },
  monitoring: { scrape: { coredns: { namespace: "kube-system", pods: { "k8s-app": "kube-dns" }, port: 9153 } } },
};

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** A resource with its API group, as `kubectl auth can-i` takes it: `pods`, `ingresses.networking.k8s.io`. */
const named = (resource: string, group: string) => (group === "" ? resource : `${resource}.${group}`);

interface Binding {
  readonly metadata: { readonly namespace?: string };
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects: readonly { readonly name: string; readonly namespace: string }[];
}

/** A row of the table: what one account may do in one place, to the objects of these resources with these names (none: all of them). */
interface Row {
  readonly account: string;
  readonly place: string | undefined;
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
  readonly names: readonly string[];
}

/** Rules that differ in their names alone, or without names in their resources alone, as one row. */
function joined(rows: readonly Row[]): Row[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const { account, place, verbs, resources, names } = row;
    const key = JSON.stringify([account, place, verbs, names.length > 0 ? resources : undefined]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const of = (group: readonly Row[], key: "resources" | "names") => [...new Set(group.flatMap((row) => row[key]))].sort();
  return [...groups.values()].map((group) => ({ ...(group[0] as Row), resources: of(group, "resources"), names: of(group, "names") }));
}

/** Every rule that is bound to an account in the objects of an environment. */
function rowsOf(all: readonly KubeObject[]): Row[] {
  const bindings = all.filter(({ kind }) => kind === "RoleBinding" || kind === "ClusterRoleBinding") as unknown as Binding[];
  return bindings.flatMap(({ metadata: { namespace: place }, roleRef, subjects }) => {
    const role = all.find(({ kind, metadata }) => kind === roleRef.kind && metadata.name === roleRef.name && metadata.namespace === place);
    const rules = (role as unknown as { rules: Rule[] }).rules;
    return subjects.flatMap(({ name, namespace }) =>
      rules.map(({ apiGroups, resources, verbs, resourceNames: names = [] }) => ({
        account: `${namespace}/${name}`,
        place,
        verbs,
        resources: resources.flatMap((resource) => apiGroups.map((group) => named(resource, group))),
        names,
      })),
    );
  });
}

/** docs/rbac.md: what every account may do. */
export function rbacPage(language: Language): string {
  const words = pick(WORDS, language);
  const config = resolve(environmentSchema.parse({ ...ENVIRONMENT, language }));
  const environment = { name: "kind", file: "", config, notices: [], warnings: [], imported: [], rules: [], sql: {} };
  const all = [...objects(createApp(environment)).values()].flat() as unknown as KubeObject[];
  const code = (items: readonly string[]) => items.map((item) => `\`${item}\``).join(", ");
  const rows = joined(rowsOf(all)).map(({ account, place, verbs, resources, names }) =>
    [code([account]), place ? code([place]) : words.cluster, code(verbs), code(resources), code(names)].join(" | "),
  );
  return [
    `# ${words.title}`,
    "",
    `[${words.other}](${pageName("rbac", language === "en" ? "es" : "en")})`,
    "",
    words.lead("../test/real/rights.test.ts", pageName("security", language)),
    "",
    `| ${words.head.join(" | ")} |`,
    "|---|---|---|---|---|",
    ...rows.sort().map((row) => `| ${row} |`),
    "",
  ].join("\n");
}
