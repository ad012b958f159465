import { Chart, Duration, Size } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import type { Resources } from "../src/config/resources.ts";
import { mebibytes } from "../src/config/units.ts";
import { configMount, DataVolume, HardenedStatefulSet, WorkloadService } from "../src/constructs/index.ts";
import { podExceptions } from "../src/exceptions.ts";
import { type Identity, labels } from "../src/labels.ts";
import type { NamedDashboard } from "../src/monitoring/dashboards/index.ts";
import {
  dashboardProviders,
  dataSources,
  GRAFANA_USER,
  grafanaSettings,
  KEY_FOLDER,
  PASSWORD_FOLDER,
} from "../src/monitoring/grafana-settings.ts";
import { PORTS } from "../src/ports.ts";
import { imageVersion } from "../src/versions.ts";
import { toYaml } from "../src/yaml.ts";

export interface GrafanaProps {
  readonly namespace: string;
  readonly image: string;
  readonly resources: Resources;
  /** Whether it runs only while someone looks at it: the StatefulSet then has no pod until `cloudnova open` asks for one. */
  readonly onDemand: boolean;
  /** Secret with admin-password. */
  readonly secret: string;
  /** Secret with secret-key. */
  readonly keySecret: string;
  readonly language: string;
  /** Prometheus' interval, from which Grafana derives the windows of rates. */
  readonly scrapeInterval: string;
  /** Prometheus' Service. */
  readonly prometheus: kplus.Service;
  readonly dashboards: readonly NamedDashboard[];
}

const NAME = "grafana";
/** Share of the memory limit that Go's heap may take, as Prometheus' own --auto-gomemlimit.ratio has it by default. */
const GO_SHARE = 0.9;
const DASHBOARDS = "/var/lib/cloudnova/dashboards";

/** Grafana with its data source and dashboards provisioned; a changed dashboard is read without a restart. */
export class GrafanaChart extends Chart {
  constructor(scope: Construct, id: string, props: GrafanaProps) {
    super(scope, id, { namespace: props.namespace, disableResourceNameHashes: true });
    const identity: Identity = { name: NAME, component: "monitoring", version: imageVersion(props.image) };
    const governing = new WorkloadService(this, "service", {
      name: identity.name,
      labels: labels(identity),
      ports: [{ name: "http", port: PORTS.grafana, targetPort: PORTS.grafana }],
      headless: true,
    });

    const map = (name: string, data: Record<string, string>, id = name) =>
      new kplus.ConfigMap(this, id, { metadata: { name, labels: labels(identity) }, data });
    const sources = { "prometheus.yaml": toYaml(dataSources(`http://${props.prometheus.name}:${PORTS.prometheus}`, props.scrapeInterval)) };
    const providers = { "cloudnova.yaml": toYaml(dashboardProviders(DASHBOARDS)) };
    const dashboards = props.dashboards.map(({ name, json }, index) =>
      map(`dashboard-${name}`, { [`${name}.json`]: json }, `dashboard-${index}`),
    );
    // The key is named: a pod whose Secret lacks it waits, and says which; it does not start with Grafana's published default.
    const secret = (path: string, volume: string, name: string, key: string) => ({
      path,
      readOnly: true,
      volume: kplus.Volume.fromSecret(this, volume, kplus.Secret.fromSecretName(this, `${volume}-source`, name), {
        name: volume,
        defaultMode: 0o440,
        items: { [key]: { path: key } },
      }),
    });

    // The first of the chosen ones; Grafana answers 500 at its start page when the file is not there.
    const first = props.dashboards[0]?.name;
    const home = `${DASHBOARDS}/${first}/${first}.json`;
    const storage = new DataVolume(this, "data", { name: NAME, labels: labels(identity), size: "1Gi" });
    new HardenedStatefulSet(this, "pods", {
      name: NAME,
      labels: labels(identity),
      annotations: podExceptions(),
      service: governing,
      replicas: props.onDemand ? 0 : 1,
      // Read at the start only; dashboards are looked at again every 30 seconds.
      restartOn: [sources, providers],
      containers: [
        {
          name: NAME,
          image: props.image,
          user: GRAFANA_USER,
          resources: props.resources,
          env: {
            ...grafanaSettings(props.language, home),
            // Go's garbage collector works harder near the limit instead of meeting it.
            GOMEMLIMIT: `${Math.floor(mebibytes(props.resources.memoryLimit) * GO_SHARE)}MiB`,
          },
          ports: { http: PORTS.grafana },
          mounts: [
            { path: "/var/lib/grafana", volume: storage.volume },
            // Without a writable /tmp its plugin installer loops on a read-only root (kubara#302).
            { path: "/tmp", volume: kplus.Volume.fromEmptyDir(this, "tmp", "tmp", { sizeLimit: Size.mebibytes(64) }) },
            secret(PASSWORD_FOLDER, "secret", props.secret, "admin-password"),
            secret(KEY_FOLDER, "key", props.keySecret, "secret-key"),
            configMount(map("grafana-datasources", sources), "/etc/grafana/provisioning/datasources"),
            configMount(map("grafana-dashboards", providers), "/etc/grafana/provisioning/dashboards"),
            ...dashboards.map((config) => configMount(config, `${DASHBOARDS}/${config.name.replace(/^dashboard-/, "")}`)),
          ],
          // The first start makes its database: half a minute on a small machine, more under load.
          startup: kplus.Probe.fromHttpGet("/api/health", {
            port: PORTS.grafana,
            periodSeconds: Duration.seconds(5),
            failureThreshold: 60,
          }),
          readiness: kplus.Probe.fromHttpGet("/api/health", {
            port: PORTS.grafana,
            periodSeconds: Duration.seconds(10),
            timeoutSeconds: Duration.seconds(5),
          }),
          liveness: kplus.Probe.fromTcpSocket({ port: PORTS.grafana, periodSeconds: Duration.seconds(30), failureThreshold: 5 }),
        },
      ],
    });
  }
}
