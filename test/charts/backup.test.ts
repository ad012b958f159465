import { jobOf } from "../../src/cluster/backup/job.ts";
import { find, type Manifest, manifestsOf, synthesiseText } from "../manifests.ts";

const SIZES = "cluster: kind\nmachine: { memory: 8Gi, cpu: '4', disk: 60Gi }\n";
const objects = (more = "") => manifestsOf(synthesiseText(SIZES + more));
const within = (manifests: readonly Manifest[], namespace: string) => manifests.filter(({ metadata }) => metadata.namespace === namespace);
const planOf = (manifests: readonly Manifest[], namespace = "cloudnova") =>
  JSON.parse(find(within(manifests, namespace), "ConfigMap", "backup").data["plan.json"]);
const podOf = (manifests: readonly Manifest[], namespace = "cloudnova") =>
  find(within(manifests, namespace), "CronJob", "backup").spec.jobTemplate.spec.template.spec;
const bootstrapPlan = (manifests: readonly Manifest[]) => JSON.parse(find(manifests, "ConfigMap", "bootstrap").data["plan.json"]);

const KEY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
const STORE = `backups:
  schedule: "50 23 * * 1"
  recipients: [${KEY}]
  store: { endpoint: "http://10.0.0.7:9000", bucket: mine, pathStyle: true, privateCa: true }
alerting: { timeZone: America/Bogota }
`;
const APPLICATIONS = `applications:
  webapp: { sample: {} }
  shop: { image: s:1, user: 1234, ingress: { path: /s }, volumes: { uploads: { path: /srv/u } }, secrets: { KEY: { generate: true }, API: { from: mine } } }
  files: { image: f:1, user: 0, podSecurity: baseline, ingress: { path: /f }, database: false, volumes: { data: { path: /srv } } }
  plain: { image: p:1, ingress: { path: /p }, database: false }
`;

describe("the environment's own namespace, by default", () => {
  const manifests = objects();

  test("is backed up every night, without a store", () => {
    const { spec } = find(manifests, "CronJob", "backup");
    expect([spec.schedule, spec.timeZone, spec.concurrencyPolicy]).toEqual(["17 2 * * *", "UTC", "Forbid"]);
    expect(planOf(manifests)).toMatchObject({
      unit: "cloudnova",
      environment: "trial",
      databases: ["app"],
      mysql: { host: "mysql.cloudnova.svc", user: "backup", tls: true },
      store: null,
      recipients: [],
      alertmanager: "http://alertmanager:9093",
      keep: { count: 14, days: 30 },
      folderBytes: 2 * 2 ** 30,
      mysqlVolumeBytes: 4 * 2 ** 30,
    });
  });

  test("runs the helper's program in MySQL's image, which has mysqldump", () => {
    const { initContainers, containers, volumes } = podOf(manifests);
    expect(initContainers.map(({ image, args }: Manifest) => [image, args])).toEqual([["cloudnova-helper:0.1.0", ["install", "/helper"]]]);
    expect(containers).toHaveLength(1);
    expect(containers[0]).toMatchObject({
      image: "mysql:9.7.2",
      command: ["/helper/cloudnova-helper", "backup", "run", "/etc/backup/plan.json"],
    });
    const secrets = volumes.filter(({ secret }: Manifest) => secret).map(({ secret }: Manifest) => secret.secretName);
    expect(secrets).toEqual(["backup-database", "backup-key", "mysql-certificate"]);
  });

  test("its every path in the plan is one at which something is mounted", () => {
    const { mysql, identity, folder } = planOf(manifests);
    const mounts = podOf(manifests).containers[0].volumeMounts.map(({ mountPath }: Manifest) => `${mountPath}/`);
    for (const path of [mysql.passwordFile, mysql.ca, identity, `${folder}/x`]) {
      expect(mounts.filter((mount: string) => path.startsWith(mount))).toHaveLength(1);
    }
  });

  test("reads Grafana's database by its group, and a restore may write it", () => {
    const { volumes, containers, securityContext } = podOf(manifests);
    const { folder, group } = planOf(manifests).grafana;
    const grafana = find(manifests, "StatefulSet", "grafana").spec.template.spec;
    expect([group, securityContext.fsGroup]).toEqual([grafana.securityContext.runAsGroup, grafana.securityContext.fsGroup]);
    const claimed = ({ persistentVolumeClaim }: Manifest) => persistentVolumeClaim;
    const [claim] = grafana.volumes.filter(claimed).map(claimed);
    const [volume] = volumes.filter((one: Manifest) => claimed(one)?.claimName === claim.claimName);
    expect(containers[0].volumeMounts).toContainEqual({ name: volume.name, mountPath: folder, readOnly: true });
    expect(find(manifests, "PersistentVolumeClaim", claim.claimName)).toBeDefined();
    const job = jobOf(find(manifests, "CronJob", "backup"), { words: ["restore", "NAME"], writable: true }) as Manifest;
    const mounts = job.spec.template.spec.containers[0].volumeMounts;
    expect(mounts.find(({ mountPath }: Manifest) => mountPath === folder).readOnly).toBe(false);
  });

  test.each([
    ["there are several nodes", "cluster: k3s\nmachine: { memory: 8Gi, cpu: '4', disk: 60Gi, nodes: 2 }\ningress: { host: a.example }\n"],
    ["volumes are a cloud's", "cluster: kubernetes\nmachine: { memory: 8Gi, cpu: '4', disk: 60Gi }\ningress: { host: a.example }\n"],
    ["another class of storage is named", `${SIZES}storageClass: longhorn\n`],
    ["there is no Grafana", `${SIZES}monitoring: { grafana: false }\n`],
  ])("mounts nothing of Grafana where %s", (_, text) => {
    const manifests = manifestsOf(synthesiseText(text));
    expect(planOf(manifests).grafana).toBeNull();
    const { volumes, securityContext } = podOf(manifests);
    expect(JSON.stringify(volumes)).not.toContain("grafana");
    expect(securityContext.fsGroup).toBe(securityContext.runAsUser);
  });

  test("runs the first backup once, whether Grafana is there or not", () => {
    const first = (text: string) =>
      manifestsOf(synthesiseText(text)).find(({ kind, metadata }) => kind === "Job" && metadata.name.startsWith("backup-"));
    expect(first(`${SIZES}monitoring: { grafana: false }\n`)).toEqual(first(SIZES));
  });

  test("reaches Alertmanager for its silences, at the port of its Service", () => {
    const url = new URL(planOf(manifests).alertmanager);
    const { ports } = find(manifests, "Service", url.hostname).spec;
    expect(ports.map(({ port }: Manifest) => String(port))).toEqual([url.port]);
    const { ingress } = find(manifests, "NetworkPolicy", url.hostname).spec;
    const from = (rule: Manifest) => [rule.from[0].podSelector.matchLabels["app.kubernetes.io/name"], rule.ports[0].port];
    expect(ingress.map(from)).toContainEqual(["backup", Number(url.port)]);
  });

  test("makes its first backup at once, in a Job for which nothing waits", () => {
    const first = manifests.find(({ kind, metadata }) => kind === "Job" && metadata.name.startsWith("backup-"));
    expect(first.metadata.annotations["cloudnova.dev/background"]).toBe("true");
    expect(first.spec.template.spec.containers[0].command.slice(-2)).toEqual(["/etc/backup/plan.json", "--first"]);
  });

  test("has a key of its own and an account, which the bootstrap Job makes", () => {
    expect(bootstrapPlan(manifests)).toMatchObject({
      ageIdentities: [{ namespace: "cloudnova", secret: "backup-key" }],
      passwords: { "backup-database": ["password"] },
    });
  });

  test("MySQL has an account that can restore, a table of results, and their exporter, which reads no more than those", () => {
    const { data } = find(manifests, "ConfigMap", "mysql");
    for (const line of [
      "GRANT ALL ON `app`.* TO 'backup'@'%';",
      "GRANT ALL ON `app\\_\\_check`.* TO 'backup'@'%';",
      "GRANT ALL ON `app\\_\\_restore`.* TO 'backup'@'%';",
      "GRANT ALL ON `app\\_\\_before`.* TO 'backup'@'%';",
      "GRANT SELECT, INSERT, UPDATE, DELETE ON `cloudnova_backups`.`cloudnova` TO 'backup'@'%';",
      "GRANT SELECT ON `cloudnova\\_backups`.* TO 'exporter'@'localhost';",
    ]) {
      expect(data["accounts.sql"].split("\n")).toContain(line);
    }
    expect(data["accounts.sql"]).toMatch(/^ALTER USER 'backup'@'%' IDENTIFIED BY '\$\{backup\}' REQUIRE SSL;$/m);
    expect(data["accounts.sql"]).toMatch(/^CREATE TABLE IF NOT EXISTS `cloudnova_backups`\.`cloudnova` \(/m);
    const { containers } = find(manifests, "StatefulSet", "mysql").spec.template.spec;
    const exporter = containers.find(({ name }: Manifest) => name === "backup-exporter");
    expect(exporter.args).toEqual(["backup", "exporter", "/etc/backup-exporter/plan.json"]);
    expect(JSON.parse(find(manifests, "ConfigMap", "backup-exporter").data["plan.json"])).toMatchObject({
      units: ["cloudnova"],
      kinds: ["backup", "check"],
      listen: `:${exporter.ports[0].containerPort}`,
    });
  });

  test("an environment that brings its own database Secret needs no key more in it", () => {
    const brought = objects("secrets: { database: mine }\n");
    expect(bootstrapPlan(brought).passwords["backup-database"]).toEqual(["password"]);
    expect(planOf(brought).secrets).toContain("mine");
  });
});

test("with a store each pod reaches its port outside, and reads the store's Secret where there is one", () => {
  const manifests = objects(STORE);
  expect(planOf(manifests)).toMatchObject({
    recipients: [KEY],
    store: {
      endpoint: "http://10.0.0.7:9000",
      region: "us-east-1",
      bucket: "mine",
      prefix: "cloudnova",
      pathStyle: true,
      secret: "backup-store",
      credentials: "/etc/backup-store",
      ca: "/etc/backup-store/ca.crt",
    },
  });
  expect(podOf(manifests).volumes).toContainEqual({
    name: "backup-store",
    secret: { defaultMode: 0o440, optional: true, secretName: "backup-store" },
  });
  expect(find(manifests, "CronJob", "backup").spec).toMatchObject({ schedule: "50 23 * * 1", timeZone: "America/Bogota" });
  const { egress } = find(manifests, "NetworkPolicy", "backup").spec;
  const outside = egress.filter(({ to }: Manifest) => to[0].ipBlock?.cidr === "0.0.0.0/0");
  expect(outside.map(({ ports }: Manifest) => ports)).toEqual([[{ port: 9000, protocol: "TCP" }]]);
  expect(JSON.parse(find(manifests, "ConfigMap", "backup-exporter").data["plan.json"]).kinds).toEqual(["backup", "check", "offsite"]);
});

describe("the user's applications", () => {
  const manifests = objects(APPLICATIONS);

  test("each that has data is a unit of its namespace, ten minutes after the one before", () => {
    const jobs = manifests.filter(({ kind, metadata }) => kind === "CronJob" && metadata.name === "backup");
    expect(jobs.map(({ metadata, spec }) => [metadata.namespace, spec.schedule])).toEqual([
      ["cloudnova", "17 2 * * *"],
      ["cloudnova-shop", "27 2 * * *"],
      ["cloudnova-files", "37 2 * * *"],
    ]);
    expect(bootstrapPlan(manifests).ageIdentities.map(({ namespace }: Manifest) => namespace)).toEqual([
      "cloudnova",
      "cloudnova-shop",
      "cloudnova-files",
    ]);
  });

  test("a database is backed up with its own account, and volumes as the user that owns them, read-only", () => {
    expect(planOf(manifests, "cloudnova-shop")).toMatchObject({
      unit: "cloudnova-shop",
      databases: ["shop"],
      mysql: { user: "shop", ca: null, tls: true },
      volumes: { uploads: "/volumes/uploads" },
      secrets: ["shop-database", "shop-secrets", "mine"],
    });
    const { securityContext, containers, volumes } = podOf(manifests, "cloudnova-shop");
    expect(securityContext).toMatchObject({ runAsUser: 1234, fsGroup: 1234 });
    expect(planOf(manifests, "cloudnova-shop").grafana).toBeNull();
    expect(containers[0].volumeMounts).toContainEqual({ name: "volume-uploads", mountPath: "/volumes/uploads", readOnly: true });
    expect(volumes).toContainEqual({ name: "volume-uploads", persistentVolumeClaim: { claimName: "shop-uploads" } });
    expect(find(within(manifests, "cloudnova-shop"), "PersistentVolumeClaim", "shop-uploads")).toBeDefined();
    const { data } = find(manifests, "ConfigMap", "mysql");
    expect(data["applications.sql"]).toContain("GRANT ALL ON `shop\\_\\_restore`.* TO 'shop'@'%';");
  });

  test("volumes without a database run in the helper's image, with an account for the results alone", () => {
    const { containers, initContainers, securityContext } = podOf(manifests, "cloudnova-files");
    expect(initContainers).toBeUndefined();
    expect(containers[0]).toMatchObject({ image: "cloudnova-helper:0.1.0", args: ["backup", "run", "/etc/backup/plan.json"] });
    expect(securityContext).toMatchObject({ runAsUser: 0, runAsNonRoot: false });
    expect(planOf(manifests, "cloudnova-files")).toMatchObject({ databases: [], mysql: { user: "files-b" } });
    const { data } = find(manifests, "ConfigMap", "mysql");
    const rights = data["applications.sql"].split("\n").filter((line: string) => /^GRANT .*'files-b'/.test(line));
    expect(rights).toEqual(["GRANT SELECT, INSERT, UPDATE, DELETE ON `cloudnova_backups`.`cloudnova-files` TO 'files-b'@'%';"]);
    expect(bootstrapPlan(manifests).applications.entries).toContainEqual(
      expect.objectContaining({ name: "files", database: "files-database" }),
    );
    const [, prepare] = find(manifests, "StatefulSet", "mysql").spec.template.spec.initContainers;
    const folder = prepare.volumeMounts.find(({ mountPath }: Manifest) => mountPath === "/etc/mysql-applications").name;
    const { volumes } = find(manifests, "StatefulSet", "mysql").spec.template.spec;
    expect(volumes.find(({ name }: Manifest) => name === folder).secret.items).toContainEqual({ key: "files", path: "files" });
  });
});

test("turned off, nothing of it is there, and MySQL drops the account", () => {
  const manifests = objects(`backups: false\n${APPLICATIONS}`);
  expect(manifests.filter(({ metadata }) => metadata.name.startsWith("backup"))).toEqual([]);
  expect(bootstrapPlan(manifests).ageIdentities).toBeUndefined();
  const text = JSON.stringify(manifests);
  expect(text).not.toContain("cloudnova_backups");
  expect(text).not.toContain("9105");
  expect(find(manifests, "ConfigMap", "mysql").data["accounts.sql"]).toMatch(/^DROP USER IF EXISTS 'backup'@'%';$/m);
});
