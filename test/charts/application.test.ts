import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { synthesise } from "../../charts/synth.ts";
import { parseEnvironment } from "../../src/config/load.ts";
import { find, type Manifest, manifestsOf } from "../manifests.ts";

const folder = mkdtempSync(join(tmpdir(), "cloudnova-applications-"));
writeFileSync(join(folder, "init.sql"), "CREATE TABLE a (x INT);\n");

/** The objects of an environment on kind with these applications. */
function objects(applications: string, rest = "", cluster = "kind"): Manifest[] {
  const text = `cluster: ${cluster}\nmachine: { memory: 8Gi, cpu: '4' }\n${rest}applications:\n${applications}`;
  return manifestsOf(synthesise(parseEnvironment(text, join(folder, "trial.yaml"))));
}
const inside = (manifests: readonly Manifest[], namespace: string) => manifests.filter(({ metadata }) => metadata.namespace === namespace);
const pod = (manifests: readonly Manifest[], name: string) => find(manifests, "Deployment", name).spec.template.spec;

const SHOP = `  tienda:
    image: ghcr.io/me/tienda:1.0
    env: { MYSQL_HOST: "{database.host}", MYSQL_PORT: "{database.port}", MYSQL_DB: "{database.name}", MYSQL_USER: "{database.user}", MYSQL_PASSWORD: "{database.password}" }
`;

describe("an application that says no more than its image and variables", () => {
  const manifests = objects(SHOP);
  const own = inside(manifests, "cloudnova-tienda");

  test("has a namespace that enforces restricted, and all its objects there", () => {
    expect(find(manifests, "Namespace", "cloudnova-tienda").metadata.labels["pod-security.kubernetes.io/enforce"]).toBe("restricted");
    expect(own.map(({ kind, metadata }) => `${kind}/${metadata.name.replace(/-[0-9a-f]{8}$/, "")}`).sort()).toEqual([
      "ConfigMap/backup",
      "CronJob/backup",
      "Deployment/tienda",
      "Ingress/tienda",
      "Ingress/tienda-redirect",
      "Job/backup",
      "NetworkPolicy/backup",
      "NetworkPolicy/default-deny",
      "NetworkPolicy/tienda",
      "PersistentVolumeClaim/backup-data",
      "PodDisruptionBudget/tienda",
      "Role/backup",
      "Role/backup-restore",
      "Role/bootstrap",
      "Role/traefik",
      "RoleBinding/backup",
      "RoleBinding/backup-restore",
      "RoleBinding/bootstrap",
      "RoleBinding/traefik",
      "Service/tienda",
      "ServiceAccount/backup",
      "ServiceAccount/backup-restore",
    ]);
  });

  test("finds its database under the names that it reads; the password is in no manifest", () => {
    expect(pod(own, "tienda").containers[0].env).toEqual([
      { name: "CLOUDNOVA_DATABASE_PASSWORD", valueFrom: { secretKeyRef: { name: "tienda-database", key: "password" } } },
      { name: "MYSQL_HOST", value: "mysql.cloudnova.svc" },
      { name: "MYSQL_PORT", value: "3306" },
      { name: "MYSQL_DB", value: "tienda" },
      { name: "MYSQL_USER", value: "tienda" },
      { name: "MYSQL_PASSWORD", value: "$(CLOUDNOVA_DATABASE_PASSWORD)" },
    ]);
  });

  test("waits for its database, and is asked by its port", () => {
    const { initContainers, containers } = pod(own, "tienda");
    expect(initContainers.map(({ name, image }: Manifest) => [name, image])).toEqual([["database", "mysql:9.7.2"]]);
    const [{ startupProbe, readinessProbe, livenessProbe, lifecycle }] = containers;
    for (const probe of [startupProbe, readinessProbe, livenessProbe]) expect(probe.tcpSocket).toEqual({ port: 5000 });
    expect(startupProbe.failureThreshold * startupProbe.periodSeconds).toBe(120);
    expect(lifecycle).toEqual({ preStop: { sleep: { seconds: 5 } } });
  });

  test("is reached from Traefik alone, and reaches its database, names and public addresses", () => {
    const { spec } = find(own, "NetworkPolicy", "tienda");
    expect(spec.ingress).toEqual([
      {
        from: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "cloudnova" } },
            podSelector: { matchLabels: { "app.kubernetes.io/name": "traefik" } },
          },
        ],
        ports: [{ port: 5000, protocol: "TCP" }],
      },
    ]);
    const [mysql, dns, ipv4, ipv6, ...others] = spec.egress;
    expect(others).toEqual([]);
    expect(mysql.ports).toEqual([{ port: 3306, protocol: "TCP" }]);
    expect(mysql.to[0].podSelector.matchLabels).toEqual({ "app.kubernetes.io/name": "mysql" });
    expect(dns.ports.map(({ port }: Manifest) => port)).toEqual([53, 53]);
    expect(ipv4).toEqual({
      to: [
        { ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"] } },
      ],
      ports: [{ protocol: "TCP" }],
    });
    expect(ipv6.to).toEqual([{ ipBlock: { cidr: "::/0", except: ["fc00::/7", "fe80::/10"] } }]);
  });

  test("is the only one whom MySQL's policy lets in beside Prometheus and the backups, where no sample runs", () => {
    const { spec } = find(inside(manifests, "cloudnova"), "NetworkPolicy", "mysql");
    expect(
      spec.ingress.map(({ from, ports }: Manifest) => [from[0].podSelector.matchLabels["app.kubernetes.io/name"], ports[0].port]),
    ).toEqual([
      ["prometheus", 9104],
      ["tienda", 3306],
      ["prometheus", 9105],
      ["backup", 3306],
      ["backup", 3306],
    ]);
  });
});

describe("what an application may say", () => {
  test("text is taken as it is written: Kubernetes replaces no $ of it", () => {
    const [container] = pod(
      objects(
        '  a: { image: a:1, command: [sh, -c, "echo $$ $(X)"], env: { A: "$(B) $$", U: "{database.url}?a=$b" }, database: { name: my_shop } }\n',
      ),
      "a",
    ).containers;
    expect(container.command).toEqual(["sh", "-c", "echo $$$$ $$(X)"]);
    expect(container.env.slice(1)).toEqual([
      { name: "A", value: "$$(B) $$$$" },
      { name: "U", value: "mysql://my_shop:$(CLOUDNOVA_DATABASE_PASSWORD)@mysql.cloudnova.svc:3306/my_shop?a=$$b" },
    ]);
  });

  test("commands name the database as variables do; the same text in double braces is itself", () => {
    const entry =
      'image: a:1, command: [wait-for, "{database.host}:{database.port}"], args: ["{{database.host}}", "--url={database.url}"], before: [migrate, "{database.name}"]';
    const { containers, initContainers } = pod(objects(`  a: { ${entry}, env: { T: "{{database.foo}} {{{database.user}}}" } }\n`), "a");
    expect(containers[0].command).toEqual(["wait-for", "mysql.cloudnova.svc:3306"]);
    expect(containers[0].args).toEqual(["{database.host}", "--url=mysql://a:$(CLOUDNOVA_DATABASE_PASSWORD)@mysql.cloudnova.svc:3306/a"]);
    expect(containers[0].env).toEqual([
      { name: "CLOUDNOVA_DATABASE_PASSWORD", valueFrom: { secretKeyRef: { name: "a-database", key: "password" } } },
      { name: "T", value: "{database.foo} {{database.user}}" },
    ]);
    expect(initContainers[1].command).toEqual(["migrate", "a"]);
  });

  test("without a database, double braces are taken away as well, and a probe's command keeps its $", () => {
    const entry = 'database: false, env: { T: "{{database.foo}}" }, health: { command: [sh, -c, "test $$ -gt $(ID)"] }';
    const [container] = pod(objects(`  a: { image: a:1, ${entry} }\n`), "a").containers;
    expect(container.env).toEqual([{ name: "T", value: "{database.foo}" }]);
    expect(container.startupProbe.exec.command).toEqual(["sh", "-c", "test $$$$ -gt $$(ID)"]);
  });

  test("secrets are variables or files, made in the cluster or brought", () => {
    const manifests = objects(
      "  a: { image: a:1, database: false, secrets: { KEY: { generate: true }, API: { from: mine, key: k }, PEM: { generate: true, file: /run/pem } } }\n",
    );
    const { containers, volumes, initContainers } = pod(manifests, "a");
    expect(initContainers).toBeUndefined();
    expect(containers[0].env).toEqual([
      { name: "KEY", valueFrom: { secretKeyRef: { name: "a-secrets", key: "KEY" } } },
      { name: "API", valueFrom: { secretKeyRef: { name: "mine", key: "k" } } },
    ]);
    expect(containers[0].volumeMounts).toContainEqual({ name: "secret-2", mountPath: "/run/pem", subPath: "PEM", readOnly: true });
    expect(volumes.find(({ name }: Manifest) => name === "secret-2").secret).toMatchObject({ secretName: "a-secrets" });
    expect(JSON.parse(find(manifests, "ConfigMap", "bootstrap").data["plan.json"]).applications.entries).toEqual([
      { name: "a", namespace: "cloudnova-a", database: null, generated: { secret: "a-secrets", keys: ["KEY", "PEM"] } },
    ]);
  });

  test("the bootstrap Job may touch an application's own Secrets alone", () => {
    const role = find(inside(objects(SHOP), "cloudnova-tienda"), "Role", "bootstrap");
    expect(role.rules.map(({ verbs, resourceNames }: Manifest) => [verbs, resourceNames])).toEqual([
      [["create"], undefined],
      [["get", "patch"], ["tienda-database"]],
      [["get", "patch"], ["backup-key"]],
    ]);
  });

  test("an image that must run as root gets baseline, in its own namespace alone, and says so", () => {
    const manifests = objects("  a: { image: a:1, user: 0, podSecurity: baseline, writable: true }\n");
    const levels = manifests
      .filter(({ kind }) => kind === "Namespace")
      .map(({ metadata }) => [metadata.name, metadata.labels["pod-security.kubernetes.io/enforce"]]);
    expect(levels).toEqual([
      ["cloudnova", "restricted"],
      ["cloudnova-host", "privileged"],
      ["cloudnova-a", "baseline"],
    ]);
    const { securityContext, containers } = pod(manifests, "a");
    expect(securityContext).toMatchObject({ runAsNonRoot: false, runAsUser: 0 });
    expect(containers[0].securityContext).toMatchObject({
      runAsNonRoot: false,
      readOnlyRootFilesystem: false,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["NET_RAW"] },
    });
    expect(find(manifests, "Deployment", "a").metadata.annotations["why.cloudnova.dev/pod-security"]).toMatch(/root/);
  });

  test("a port below 1024 needs no root", () => {
    const sysctls = (port: number) => pod(objects(`  a: { image: a:1, port: ${port} }\n`), "a").securityContext.sysctls;
    expect(sysctls(80)).toEqual([{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }]);
    expect(sysctls(5000)).toBeUndefined();
  });

  test("a health path is asked with the public name, and as if by HTTPS", () => {
    const [container] = pod(objects("  a: { image: a:1, health: { path: /up }, ingress: { host: a.example.com } }\n"), "a").containers;
    for (const probe of [container.startupProbe, container.readinessProbe])
      expect(probe.httpGet).toMatchObject({
        path: "/up",
        port: 5000,
        httpHeaders: [
          { name: "Host", value: "a.example.com" },
          { name: "X-Forwarded-Proto", value: "https" },
        ],
      });
    expect(container.livenessProbe.tcpSocket).toEqual({ port: 5000 });
  });

  test("volumes persist, a folder of theirs is no scratch folder, and a command runs before", () => {
    const manifests = objects("  a: { image: a:1, volumes: { files: { path: /tmp, size: 2Gi } }, before: [flask, db, upgrade] }\n");
    expect(find(manifests, "PersistentVolumeClaim", "a-files")).toMatchObject({
      metadata: { namespace: "cloudnova-a", annotations: { "argocd.argoproj.io/sync-options": "Prune=false,Delete=false" } },
      spec: { resources: { requests: { storage: "2Gi" } } },
    });
    const { containers, initContainers } = pod(manifests, "a");
    expect(containers[0].volumeMounts).toEqual([{ mountPath: "/tmp", name: "files" }]);
    expect(initContainers.map(({ name }: Manifest) => name)).toEqual(["database", "before"]);
    expect(initContainers[1]).toMatchObject({ command: ["flask", "db", "upgrade"], image: "a:1" });
  });

  test.each([
    ["none", []],
    ["[203.0.113.0/24, 10.0.0.0/8]", ["203.0.113.0/24", "10.0.0.0/8 but 10.244.0.0/16 10.96.0.0/16"]],
  ])("outgoing: %s", (outgoing, expected) => {
    const { spec } = find(inside(objects(`  a: { image: a:1, outgoing: ${outgoing} }\n`), "cloudnova-a"), "NetworkPolicy", "a");
    const blocks = spec.egress.flatMap(({ to }: Manifest) => to.flatMap(({ ipBlock }: Manifest) => ipBlock ?? []));
    expect(blocks.map(({ cidr, except }: Manifest) => (except ? `${cidr} but ${except.join(" ")}` : cidr))).toEqual(expected);
  });

  test("metrics are reached by Prometheus", () => {
    const { spec } = find(inside(objects("  a: { image: a:1, metrics: { port: 9000 } }\n"), "cloudnova-a"), "NetworkPolicy", "a");
    expect(spec.ingress[1]).toMatchObject({ ports: [{ port: 9000 }] });
    expect(spec.ingress[1].from[0].podSelector.matchLabels).toEqual({ "app.kubernetes.io/name": "prometheus" });
  });
});

describe("the Ingress", () => {
  const BOTH = `  webapp: { sample: {} }
  a: { image: a:1, ingress: { host: a.example.com, maxUpload: 20Mi, timeoutSeconds: 300, sticky: true } }
  b: { image: b:1, ingress: { path: /b, stripPath: true } }
`;
  const manifests = objects(BOTH, "ingress: { host: app.example.com }\n");
  const dynamic = parse(find(manifests, "ConfigMap", "traefik").data["cloudnova.yaml"]).http;

  test("is one for all: by host and by path, a host of its own before every path", () => {
    const routes = manifests
      .filter(({ kind, metadata }) => kind === "Ingress" && !metadata.name.endsWith("-redirect"))
      .map(({ metadata, spec }) => [
        `${metadata.namespace}/${metadata.name}`,
        spec.rules[0].host,
        spec.rules[0].http.paths[0].path,
        metadata.annotations["traefik.ingress.kubernetes.io/router.priority"],
      ]);
    expect(routes).toEqual([
      ["cloudnova-a/a", "a.example.com", "/", "1001"],
      ["cloudnova-b/b", undefined, "/b", undefined],
      ["cloudnova/webapp", undefined, "/", "1"],
    ]);
  });

  test("has for each application what it asks for", () => {
    const middlewares = (name: string) =>
      find(manifests, "Ingress", name).metadata.annotations["traefik.ingress.kubernetes.io/router.middlewares"];
    expect(middlewares("a")).toBe("cloudnova-headers@file,cloudnova-limit@file,cloudnova-a-upload@file");
    expect(middlewares("b")).toBe("cloudnova-headers@file,cloudnova-limit@file,cloudnova-b-prefix@file");
    expect(dynamic.middlewares).toMatchObject({
      "cloudnova-a-upload": { buffering: { maxRequestBodyBytes: 20 * 2 ** 20 } },
      "cloudnova-b-prefix": { stripPrefix: { prefixes: ["/b"] } },
    });
    expect(dynamic.serversTransports["cloudnova-a"].forwardingTimeouts.responseHeaderTimeout).toBe("300s");
    const service = find(inside(manifests, "cloudnova-a"), "Service", "a").metadata.annotations;
    expect(service["traefik.ingress.kubernetes.io/service.serverstransport"]).toBe("cloudnova-a@file");
    expect(service["traefik.ingress.kubernetes.io/service.sticky.cookie"]).toBe("true");
  });

  test("of ours reads the applications' namespaces, and gives slow requests the longest time that one asks for", () => {
    const { args, volumeMounts } = pod(manifests, "traefik").containers[0];
    expect(args).toContain("--providers.kubernetesIngress.namespaces=cloudnova,cloudnova-a,cloudnova-b");
    expect(args).toContain("--entryPoints.websecure.transport.respondingTimeouts.readTimeout=300s");
    expect(volumeMounts.map(({ mountPath }: Manifest) => mountPath)).toContain("/tmp");
  });

  test("of k3s gets the same from its chart's values", () => {
    const values = parse(find(objects(BOTH, "", "k3s"), "HelmChartConfig", "traefik").spec.valuesContent);
    expect(values.ports.websecure.transport.respondingTimeouts).toEqual({ readTimeout: "300s" });
    expect(values.ports.web.transport.respondingTimeouts).toBeUndefined();
  });

  test("shows one certificate for all names", () => {
    const plan = JSON.parse(find(manifests, "ConfigMap", "bootstrap").data["plan.json"]);
    expect(plan.certificates["webapp-certificate"].names).toEqual(["app.example.com", "localhost", "127.0.0.1", "a.example.com"]);
  });
});

describe("without the sample", () => {
  const manifests = objects(SHOP);
  const own = inside(manifests, "cloudnova");

  test("nothing of it is there", () => {
    expect(own.filter(({ metadata }) => /^webapp/.test(metadata.name))).toEqual([]);
    expect(find(own, "ConfigMap", "mysql").data["accounts.sql"]).not.toMatch(/webapp|migrator|\bapp\b[ .]/);
    expect(Object.keys(JSON.parse(find(own, "ConfigMap", "bootstrap").data["plan.json"]).passwords)).toEqual([
      "mysql-accounts",
      "grafana",
      "grafana-key",
      "backup-database",
    ]);
  });

  test("an Ingress without a path brings the certificate", () =>
    expect(find(own, "Ingress", "certificate").spec).toEqual({
      ingressClassName: "traefik",
      rules: [{ host: "localhost" }],
      tls: [{ hosts: ["localhost"], secretName: "webapp-certificate" }],
    }));

  test("its database's name is free", () => {
    const named = objects("  a: { image: a:1, database: { name: app, user: webapp } }\n");
    expect(find(named, "ConfigMap", "mysql").data["applications.sql"]).toMatch(/CREATE USER IF NOT EXISTS 'webapp'@'%'/);
  });
});

describe("MySQL", () => {
  test("makes a database and an account for each application, without wildcards in its name", () => {
    const manifests = objects("  mi-tienda: { image: a:1 }\n  b: { image: b:1, ingress: { path: /b }, database: { requireTls: true } }\n");
    const { data } = find(manifests, "ConfigMap", "mysql");
    expect(data["applications.sql"]).toContain("GRANT ALL ON `mi\\_tienda`.* TO 'mi_tienda'@'%';");
    expect(data["applications.sql"]).toMatch(/^ALTER USER 'mi_tienda'@'%' IDENTIFIED BY '\$\{mi-tienda\}' REQUIRE NONE;$/m);
    expect(data["applications.sql"]).toMatch(/^ALTER USER 'b'@'%' IDENTIFIED BY '\$\{b\}' REQUIRE SSL;$/m);
    const [, prepare] = find(manifests, "StatefulSet", "mysql").spec.template.spec.initContainers;
    expect(prepare.name).toBe("prepare-applications");
  });

  test.each([
    ["  a: { image: a:1 }\n", true],
    ["  a: { image: a:1, database: { requireTls: true } }\n", false],
    ["  a: { image: a:1, database: false }\n", false],
  ])("takes connections without TLS only where an application may: %j", (applications, plain) => {
    const [mysqld] = find(objects(applications), "StatefulSet", "mysql").spec.template.spec.containers;
    expect(mysqld.command.includes("--require-secure-transport=OFF")).toBe(plain);
  });

  test("every account of CloudNova's that connects over the network still needs TLS", () => {
    const { data } = find(objects(`  webapp: { sample: {} }\n  a: { image: a:1, ingress: { path: /a } }\n`), "ConfigMap", "mysql");
    const lines: string[] = data["accounts.sql"].split("\n").filter((line: string) => /^ALTER USER '\w+'@'%'/.test(line));
    expect(lines.length).toBe(3);
    for (const line of lines) expect(line).toMatch(/REQUIRE SSL;$/);
  });

  test("a Job fills an empty database from the files, and the application waits for it", () => {
    const manifests = objects("  a: { image: a:1, database: { initialise: [init.sql] } }\n");
    expect(find(manifests, "ConfigMap", "a-sql").data).toEqual({ "00-init.sql": "CREATE TABLE a (x INT);\n" });
    const job = manifests.find(({ kind, metadata }) => kind === "Job" && metadata.name.startsWith("a-initialise-"));
    expect(job.metadata.namespace).toBe("cloudnova-a");
    const [wait] = pod(manifests, "a").initContainers;
    expect(wait.env).toContainEqual({ name: "READY", value: "SELECT 1 FROM `cloudnova`.`a` WHERE state = 'done'" });
    const { spec } = find(inside(manifests, "cloudnova-a"), "NetworkPolicy", "a-initialise");
    expect(spec.ingress ?? []).toEqual([]);
    expect(spec.egress.map(({ ports }: Manifest) => ports[0].port)).toEqual([3306, 53]);
  });
});
