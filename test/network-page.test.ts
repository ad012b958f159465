import { readFileSync } from "node:fs";
import { CLUSTERS } from "../src/config/clusters.ts";
import { ACCOUNTS_JOB, CHALLENGE_SOLVER, DATABASE_EXPORTER, flows, type NetworkSettings } from "../src/network.ts";
import { PORTS } from "../src/ports.ts";
import { manifestsOf, synthesiseText } from "./manifests.ts";

const PAGES = [
  ["en", "docs/network.md"],
  ["es", "docs/network.es.md"],
] as const;

/** The cells of a page's table rows. */
const rowsOf = (page: string): string[][] =>
  [...readFileSync(page, "utf8").matchAll(/^\| (.+) \|$/gm)].map(([, row = ""]) => row.split(" | "));

/** What the pages call the places of the table. */
const WORDS: Readonly<Record<string, { readonly en: string; readonly es: string }>> = {
  anywhere: { en: "anywhere", es: "cualquier lugar" },
  outside: { en: "outside", es: "el exterior" },
  public: { en: "public addresses", es: "direcciones públicas" },
  dns: { en: "the cluster's DNS", es: "el DNS del clúster" },
  "api-server": { en: "the API server", es: "el servidor de la API" },
  nodes: { en: "the nodes", es: "los nodos" },
  traefik: { en: "Traefik", es: "Traefik" },
  webapp: { en: "the sample", es: "la aplicación de ejemplo" },
  mysql: { en: "MySQL", es: "MySQL" },
  bootstrap: { en: "the bootstrap Job", es: "el Job bootstrap" },
  prometheus: { en: "Prometheus", es: "Prometheus" },
  alertmanager: { en: "Alertmanager", es: "Alertmanager" },
  grafana: { en: "Grafana", es: "Grafana" },
  backup: { en: "backup", es: "respaldo" },
  "shop/backup": { en: "a backup", es: "un respaldo" },
  "shop/shop": { en: "your application", es: "su aplicación" },
  "shop/shop-initialise": { en: "the Job that fills", es: "el Job que" },
  "kube-system/coredns": { en: "a target of `monitoring.scrape`", es: "un objetivo de `monitoring.scrape`" },
  "203.0.113.9/32": { en: "a target of `monitoring.scrape`", es: "un objetivo de `monitoring.scrape`" },
  "203.0.113.1/32": { en: "the external server", es: "el servidor externo" },
  [CHALLENGE_SOLVER]: { en: "challenges", es: "desafíos" },
  [DATABASE_EXPORTER]: { en: "exporters", es: "exporters" },
  [ACCOUNTS_JOB]: { en: "`database-accounts`", es: "`database-accounts`" },
};

/** Ports that no user chooses. */
const FIXED = new Set<number>([...Object.values(PORTS), 53, 443, 8089]);

/** Every part that brings connections. Ports that a user chooses are above 20,000. */
const EVERYTHING: NetworkSettings = {
  ownTraefik: true,
  grafana: true,
  scrapedGrafana: true,
  receivers: [20_001],
  applications: [
    {
      name: "shop",
      namespace: "shop",
      port: 20_002,
      metrics: { port: 20_003, path: "/metrics" },
      database: { name: "shop", user: "shop", requireTls: false, initialise: ["shop.sql"] },
      outgoing: "public",
    },
  ],
  backups: { pods: ["backup", "shop/backup"], storePort: 20_004 },
  letsEncrypt: true,
  certManager: true,
  remoteWrite: [20_005],
  scrape: {
    coredns: { namespace: "kube-system", pods: { "k8s-app": "kube-dns" }, port: 20_006, path: "/metrics" },
    press: { address: "203.0.113.9", port: 20_007, path: "/metrics" },
  },
  apiPorts: CLUSTERS.kubernetes.apiPorts,
};
const EXTERNAL: NetworkSettings = { ...EVERYTHING, externalDatabase: { addresses: ["203.0.113.1/32"], port: 20_008 } };

describe.each(PAGES)("the page in %s", (language, page) => {
  test.each([
    ["MySQL of ours", EVERYTHING],
    ["an external MySQL server", EXTERNAL],
  ])("has a row for every connection, with its ports; %s", (_, settings) => {
    const rows = rowsOf(page);
    const missing = flows(settings).filter(({ from, to, ports }) => {
      const words = [WORDS[from]?.[language] ?? from, WORDS[to]?.[language] ?? to];
      const fixed = ports.filter((port) => FIXED.has(port)).map((port) => new RegExp(`\\b${port}\\b`));
      const fits = (row: string[]) =>
        words.every((word, index) => row[index]?.toLowerCase().includes(word.toLowerCase())) &&
        fixed.every((port) => port.test(row[2] ?? ""));
      return !rows.some(fits);
    });
    expect(missing).toEqual([]);
  });

  const policies = (more: string) =>
    manifestsOf(
      synthesiseText(`cluster: kind
machine: { memory: 8Gi, cpu: "4" }
applications:
  webapp: { sample: {} }
  shop: { image: "shop:1", ingress: { path: /shop } }
${more}`),
    ).filter(({ kind }) => kind === "NetworkPolicy");

  test("lists every policy of a cluster with an application", () => {
    const listed = rowsOf(page).flatMap(([place = "", names = ""]) => {
      const namespace = /\(`(cloudnova[-\w]*)`\)$/.exec(place)?.[1];
      return namespace ? [...names.matchAll(/`([-a-z]+)`/g)].map(([, name]) => `${namespace}/${name}`) : [];
    });
    const made = policies("").map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    expect(listed.sort()).toEqual([...made, "cloudnova-shop/shop-initialise"].sort());
  });

  test("names every policy that an external server and cert-manager bring", () => {
    const text = readFileSync(page, "utf8");
    const made = policies(`database: { external: { host: 203.0.113.1, ca: { secret: db-ca }, credentialsSecret: admin } }
ingress: { host: shop.example.com, tls: { certManager: { issuer: own } } }
`);
    expect(made.map(({ metadata }) => metadata.name).filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });
});
