import { Chart, Duration } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import type { Receiver } from "../src/config/remote-write.ts";
import type { Resources } from "../src/config/resources.ts";
import { retentionSize } from "../src/config/rules.ts";
import { clusterScoped, configMount, DataVolume, HardenedStatefulSet, WorkloadService } from "../src/constructs/index.ts";
import { authorityOf } from "../src/database.ts";
import { podExceptions } from "../src/exceptions.ts";
import { type Identity, labels } from "../src/labels.ts";
import {
  blackboxConfiguration,
  prometheusConfiguration,
  receiverAuthority,
  receiverFolder,
  rulesFolder,
  type ScrapeSettings,
} from "../src/monitoring/scrape.ts";
import { PORTS } from "../src/ports.ts";
import { imageVersion } from "../src/versions.ts";
import { toYaml } from "../src/yaml.ts";
import { authorityMount } from "./parts/authority.ts";

export interface PrometheusProps {
  readonly namespace: string;
  readonly image: string;
  readonly resources: Resources;
  readonly blackboxImage: string;
  readonly blackboxResources: Resources;
  /** Size of the volume; retention by size follows from it. */
  readonly volume: string;
  /** How long samples are kept, such as `15d`. */
  readonly retention: string;
  readonly scrape: ScrapeSettings;
  readonly rules: readonly RuleFile[];
}

/** A file of rules, in a ConfigMap of its own. */
export interface RuleFile {
  readonly name: string;
  readonly groups: readonly object[];
}

const NAME = "prometheus";
const USER = 65_534;

/** Prometheus with its rules, and the prober of the public address beside it. */
export class PrometheusChart extends Chart {
  /** The Service that Grafana asks. */
  readonly service: WorkloadService;

  constructor(scope: Construct, id: string, props: PrometheusProps) {
    super(scope, id, { namespace: props.namespace, disableResourceNameHashes: true });
    const identity: Identity = { name: NAME, component: "monitoring", version: imageVersion(props.image) };
    this.service = new WorkloadService(this, "service", {
      name: identity.name,
      labels: labels(identity),
      ports: [{ name: "http", port: PORTS.prometheus, targetPort: PORTS.prometheus }],
      headless: true,
    });
    const account = new kplus.ServiceAccount(this, "account", {
      metadata: { name: NAME, labels: labels(identity) },
      automountToken: false,
    });
    this.rights(identity, account, props.scrape);

    const storage = new DataVolume(this, "data", { name: NAME, labels: labels(identity), size: props.volume });
    const config = this.file(
      identity,
      NAME,
      "prometheus.yml",
      prometheusConfiguration(
        props.scrape,
        props.rules.map(({ name }) => name),
      ),
    );
    const rules = props.rules.map(({ name, groups }) => this.file(identity, `prometheus-rules-${name}`, `${name}.yaml`, { groups }));
    const prober = blackboxConfiguration((props.scrape.applications ?? []).length > 0);
    const blackbox = this.file(identity, "blackbox-exporter", "blackbox.yml", prober);

    const probe = PORTS["blackbox-exporter"];
    new HardenedStatefulSet(this, "pods", {
      name: NAME,
      labels: labels(identity),
      annotations: podExceptions(),
      service: this.service,
      serviceAccount: account,
      // Prometheus itself picks up a changed file; the prober does not.
      restartOn: [prober],
      grace: Duration.seconds(60),
      containers: [
        {
          name: NAME,
          image: props.image,
          user: USER,
          resources: props.resources,
          args: [
            "--config.file=/etc/cloudnova/prometheus/prometheus.yml",
            "--storage.tsdb.path=/prometheus",
            `--storage.tsdb.retention.time=${props.retention}`,
            `--storage.tsdb.retention.size=${retentionSize(props.volume)}MB`,
            "--enable-feature=auto-reload-config",
          ],
          ports: { http: PORTS.prometheus },
          mounts: [
            { path: "/prometheus", volume: storage.volume },
            configMount(config, "/etc/cloudnova/prometheus"),
            ...this.receivers(props.scrape.remoteWrite ?? []),
            ...rules.map((map, index) => configMount(map, rulesFolder(props.rules[index]?.name ?? ""))),
          ],
          // Ten minutes to replay the write-ahead log after a crash; kube-prometheus' users were killed in a loop for less.
          startup: kplus.Probe.fromHttpGet("/-/ready", {
            port: PORTS.prometheus,
            periodSeconds: Duration.seconds(5),
            failureThreshold: 120,
          }),
          readiness: kplus.Probe.fromHttpGet("/-/ready", {
            port: PORTS.prometheus,
            periodSeconds: Duration.seconds(10),
            timeoutSeconds: Duration.seconds(3),
          }),
          liveness: kplus.Probe.fromHttpGet("/-/healthy", {
            port: PORTS.prometheus,
            periodSeconds: Duration.seconds(20),
            timeoutSeconds: Duration.seconds(5),
            failureThreshold: 6,
          }),
        },
        {
          name: "blackbox-exporter",
          image: props.blackboxImage,
          user: USER,
          resources: props.blackboxResources,
          args: ["--config.file=/etc/blackbox/blackbox.yml", `--web.listen-address=:${probe}`],
          ports: { probe },
          mounts: [configMount(blackbox, "/etc/blackbox")],
          readiness: kplus.Probe.fromHttpGet("/-/healthy", { port: probe, periodSeconds: Duration.seconds(15) }),
          liveness: kplus.Probe.fromTcpSocket({ port: probe, periodSeconds: Duration.seconds(30) }),
        },
      ],
    });
  }

  /** What the receivers of samples want to see. Without a Secret everything else must still run, and an alert says that it is absent. */
  private receivers(receivers: readonly Receiver[]): kplus.VolumeMount[] {
    return receivers.flatMap(({ basicAuth, bearer, ca }, index) => {
      const name = basicAuth ?? bearer;
      const id = `receiver-${index}`;
      const secret = name && kplus.Secret.fromSecretName(this, `${id}-secret`, name);
      const options = { name: id, defaultMode: 0o440, optional: true };
      return [
        ...(secret ? [{ path: receiverFolder(index), readOnly: true, volume: kplus.Volume.fromSecret(this, id, secret, options) }] : []),
        ...(ca ? [authorityMount(this, `${id}-ca`, authorityOf(ca), receiverAuthority(index))] : []),
      ];
    });
  }

  private file(identity: Identity, name: string, file: string, content: unknown): kplus.ConfigMap {
    return new kplus.ConfigMap(this, name, { metadata: { name, labels: labels(identity) }, data: { [file]: toYaml(content) } });
  }

  /** Reads the pods of the namespaces in which it scrapes, and the cluster's nodes. */
  private rights(
    identity: Identity,
    account: kplus.ServiceAccount,
    { namespace, traefik, applications = [], targets = {} }: ScrapeSettings,
  ): void {
    const scraped = [...applications.filter(({ metrics }) => metrics), ...Object.values(targets)].flatMap((one) => one.namespace ?? []);
    for (const [index, place] of [...new Set([namespace, traefik.namespace, ...scraped])].entries()) {
      const metadata = { name: place === namespace ? NAME : `${namespace}-${NAME}`, namespace: place, labels: labels(identity) };
      const role = new kplus.Role(this, `role-${index}`, { metadata });
      role.allowRead(kplus.ApiResource.PODS);
      new kplus.RoleBinding(this, `binding-${index}`, { metadata, role }).addSubjects(account);
    }
    const metadata = { name: `${namespace}-${NAME}`, labels: labels(identity) };
    const role = new kplus.ClusterRole(this, "cluster-role", { metadata });
    role.allowRead(kplus.ApiResource.NODES);
    role.allowGet(kplus.ApiResource.custom({ apiGroup: "", resourceType: "nodes/metrics" }));
    const binding = new kplus.ClusterRoleBinding(this, "cluster-binding", { metadata, role });
    binding.addSubjects(account);
    for (const one of [role, binding]) clusterScoped(one);
  }
}
