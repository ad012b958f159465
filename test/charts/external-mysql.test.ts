import { find, type Manifest, manifestsOf, podsOf, synthesiseText } from "../manifests.ts";

const environment = (ca: string) => `cluster: kind
machine: { memory: 8Gi, cpu: "4" }
applications:
  webapp: { sample: {} }
  shop:
    image: "shop:1"
    ingress: { path: /shop }
    database: {}
    env: { DATABASE_URL: "{database.url}", DB_PORT: "{database.port}" }
database: { external: { host: db.example.com, port: 3307, addresses: [10.9.0.0/16], ca: ${ca}, credentialsSecret: admin } }
`;
const manifests = manifestsOf(synthesiseText(environment("{ configMap: db-ca, key: bundle.pem }")));
const pod = (kind: string, name: string) => find(manifests, kind, name).spec.template.spec;
const variables = ({ env }: Manifest) => Object.fromEntries(env.map(({ name, value }: Manifest) => [name, value]));

test("no server, volume or certificate of ours is left", () => {
  const names = manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  for (const gone of ["StatefulSet/mysql", "Service/mysql", "PersistentVolumeClaim/mysql-data"]) expect(names).not.toContain(gone);
  const plan = JSON.parse(find(manifests, "ConfigMap", "bootstrap").data["plan.json"]);
  expect(Object.keys(plan.certificates)).not.toContain("mysql-certificate");
  expect(JSON.stringify(manifests)).not.toContain("mysql-certificate");
});

test("the sample, the user's applications and the backups connect there, and verify the certificate", () => {
  for (const container of [...pod("Deployment", "webapp").containers, ...pod("Deployment", "webapp").initContainers])
    expect(variables(container)).toMatchObject({ DATABASE_HOST: "db.example.com", DATABASE_PORT: "3307" });
  const shop = pod("Deployment", "shop");
  expect(variables(shop.containers[0])).toMatchObject({
    DB_PORT: "3307",
    DATABASE_URL: expect.stringContaining("@db.example.com:3307/shop"),
  });
  expect(variables(shop.initContainers[0])).toMatchObject({
    MYSQL_HOST: "db.example.com",
    MYSQL_TCP_PORT: "3307",
    MYSQL_CA: "/etc/mysql-ca/ca.crt",
  });
  const plans = manifests.filter(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "backup");
  expect(plans).toHaveLength(2);
  for (const { data } of plans)
    expect(JSON.parse(data["plan.json"]).mysql).toMatchObject({
      host: "db.example.com",
      port: 3307,
      ca: "/etc/backup-ca/ca.crt",
      tls: true,
    });
});

test("every pod that connects has the authority, as ca.crt", () => {
  const withAuthority = podsOf(manifests).filter(({ spec }) =>
    (spec.volumes ?? []).some(({ configMap }: Manifest) => configMap?.name === "db-ca" && configMap.items[0].path === "ca.crt"),
  );
  const names = new Set(withAuthority.map(({ owner }) => `${owner.metadata.namespace}/${owner.metadata.labels["app.kubernetes.io/name"]}`));
  const own = ["webapp", "mysqld-exporter", "database-accounts", "backup"].map((name) => `cloudnova/${name}`);
  expect([...names].sort()).toEqual([...own, "cloudnova-shop/backup", "cloudnova-shop/shop"].sort());
});

test("the statements make all accounts, none of them root's, each with TLS over the network", () => {
  const { data } = find(manifests, "ConfigMap", "database-accounts");
  const users = [...data["accounts.sql"].matchAll(/CREATE USER IF NOT EXISTS '(\w+)'@'([^']+)'/g)].map(
    ([, user, host]) => `${user}@${host}`,
  );
  expect(users).toEqual(["webapp@%", "migrator@%", "exporter@%", "backup@%"]);
  expect([...data["accounts.sql"].matchAll(/^ALTER USER .*$/gm)].every(([line]) => line.includes("REQUIRE SSL"))).toBe(true);
  expect(data["accounts.sql"]).not.toMatch(/'root'|localhost/);
  expect(data["applications.sql"]).toContain("CREATE USER IF NOT EXISTS 'shop'@'%'");
});

test("a file of certificates becomes a ConfigMap in each namespace that connects", () => {
  const { environment: parsed } = synthesiseText(environment("{ secret: db-ca }"));
  const config = {
    ...parsed.config,
    database: { ...parsed.config.database, external: { ...parsed.config.database.external, ca: "db.pem" } },
  };
  const { synthesise } = require("../../charts/synth.ts") as typeof import("../../charts/synth.ts");
  const made = manifestsOf(synthesise({ ...parsed, config: config as typeof parsed.config, databaseCa: "PEM\n" }));
  const maps = made.filter(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "mysql-authority");
  expect(maps.map(({ metadata, data }) => [metadata.namespace, data["ca.crt"]])).toEqual([
    ["cloudnova", "PEM\n"],
    ["cloudnova-shop", "PEM\n"],
  ]);
});

test("Prometheus reads the exporters where they are now, as the same job", () => {
  const text = find(manifests, "ConfigMap", "prometheus").data["prometheus.yml"];
  expect(text).toMatch(/job_name: mysql\n[\s\S]*?regex: mysqld-exporter\n/);
});

test("a load balancer's Service takes the annotations, and no port of the nodes", () => {
  const text = `cluster: kubernetes\nmachine: { instance: t3.medium, nodes: 2 }\ningress: { loadBalancer: { annotations: { a.example/b: c } } }\n`;
  const { metadata, spec } = find(manifestsOf(synthesiseText(text)), "Service", "traefik");
  expect(metadata.annotations).toEqual({ "a.example/b": "c" });
  expect(spec).toMatchObject({ type: "LoadBalancer", externalTrafficPolicy: "Local" });
  expect(spec.ports.map((port: Manifest) => port.nodePort)).toEqual([undefined, undefined]);
});
