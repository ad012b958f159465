import { Chart, Duration } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import type { Resources } from "../src/config/resources.ts";
import { claimedVolume } from "../src/constructs/claim.ts";
import { service, single } from "../src/constructs/workload.ts";
import { type Identity, labels } from "../src/labels.ts";
import { alertmanagerConfiguration } from "../src/monitoring/alertmanager.ts";
import { PORTS } from "../src/ports.ts";
import { imageVersion } from "../src/versions.ts";
import { toYaml } from "../src/yaml.ts";

export interface AlertmanagerProps {
  readonly namespace: string;
  readonly image: string;
  readonly resources: Resources;
}

const NAME = "alertmanager";
const USER = 65_534;
const PORT = PORTS.alertmanager;

/** Alertmanager: one instance, whose silences and notification log outlive it. */
export class AlertmanagerChart extends Chart {
  constructor(scope: Construct, id: string, props: AlertmanagerProps) {
    super(scope, id, { namespace: props.namespace, disableResourceNameHashes: true });
    const identity: Identity = { name: NAME, component: "monitoring", version: imageVersion(props.image) };
    const governing = service(this, identity, [{ name: "http", port: PORT, targetPort: PORT }], { headless: true });
    const data = { "alertmanager.yml": toYaml(alertmanagerConfiguration()) };
    const config = new kplus.ConfigMap(this, "configuration", { metadata: { name: NAME, labels: labels(identity) }, data });
    const pods = {
      identity,
      group: USER,
      restartOn: [data],
      containers: [
        {
          name: NAME,
          image: props.image,
          user: USER,
          resources: props.resources,
          // The only instance has no others to gossip with.
          args: ["--config.file=/etc/cloudnova/alertmanager.yml", "--storage.path=/alertmanager", "--cluster.listen-address="],
          ports: { http: PORT },
          mounts: [
            { path: "/alertmanager", volume: claimedVolume(this, identity, "64Mi") },
            { path: "/etc/cloudnova", readOnly: true, volume: kplus.Volume.fromConfigMap(this, "files", config, { name: "files" }) },
          ],
          readiness: kplus.Probe.fromHttpGet("/-/ready", { port: PORT, periodSeconds: Duration.seconds(10) }),
          liveness: kplus.Probe.fromHttpGet("/-/healthy", { port: PORT, periodSeconds: Duration.seconds(20) }),
        },
      ],
    };
    single(this, pods, governing);
  }
}
