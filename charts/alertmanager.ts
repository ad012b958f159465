import { Chart, Duration } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import type { Config } from "../src/config/resolve.ts";
import type { Resources } from "../src/config/resources.ts";
import { DataVolume, HardenedStatefulSet, WorkloadService } from "../src/constructs/index.ts";
import { podExceptions } from "../src/exceptions.ts";
import { type Identity, labels } from "../src/labels.ts";
import type { Language } from "../src/language.ts";
import { alertmanagerConfiguration, CONFIGURATION_FOLDER } from "../src/monitoring/alertmanager/index.ts";
import { messageTemplates } from "../src/monitoring/alertmanager/messages.ts";
import { SECRETS_FOLDER } from "../src/monitoring/alertmanager/receiver-types.ts";
import { neededKeys } from "../src/monitoring/alertmanager/secret-keys.ts";
import { PORTS } from "../src/ports.ts";
import { imageVersion } from "../src/versions.ts";
import { toYaml } from "../src/yaml.ts";

export interface AlertmanagerProps {
  readonly namespace: string;
  readonly image: string;
  readonly resources: Resources;
  readonly alerting: Config["alerting"];
  /** Names of the environment's alerts. */
  readonly alerts: ReadonlySet<string>;
  /** The user's Secret with what receivers need; mounted where one does. */
  readonly secret: string;
  readonly language: Language;
  /** The installation's name in messages. */
  readonly host: string;
}

const NAME = "alertmanager";
const USER = 65_534;
const PORT = PORTS.alertmanager;

/** Alertmanager: one instance, whose silences and notification log outlive it. */
export class AlertmanagerChart extends Chart {
  constructor(scope: Construct, id: string, props: AlertmanagerProps) {
    super(scope, id, { namespace: props.namespace, disableResourceNameHashes: true });
    const identity: Identity = { name: NAME, component: "monitoring", version: imageVersion(props.image) };
    const governing = new WorkloadService(this, "service", {
      name: identity.name,
      labels: labels(identity),
      ports: [{ name: "http", port: PORT, targetPort: PORT }],
      headless: true,
    });
    const { alerting, alerts, language, host } = props;
    const data = {
      "alertmanager.yml": toYaml(alertmanagerConfiguration(alerting, alerts)),
      ...messageTemplates({ language, timeZone: alerting.timeZone, host }),
    };
    const config = new kplus.ConfigMap(this, "configuration", { metadata: { name: NAME, labels: labels(identity) }, data });
    const storage = new DataVolume(this, "data", { name: NAME, labels: labels(identity), size: "64Mi" });
    new HardenedStatefulSet(this, "pods", {
      name: NAME,
      labels: labels(identity),
      annotations: podExceptions(),
      service: governing,
      restartOn: [data],
      containers: [
        {
          name: NAME,
          image: props.image,
          user: USER,
          resources: props.resources,
          // The only instance has no others to gossip with.
          args: [`--config.file=${CONFIGURATION_FOLDER}/alertmanager.yml`, "--storage.path=/alertmanager", "--cluster.listen-address="],
          ports: { http: PORT },
          mounts: [
            { path: "/alertmanager", volume: storage.volume },
            { path: CONFIGURATION_FOLDER, readOnly: true, volume: kplus.Volume.fromConfigMap(this, "files", config, { name: "files" }) },
            ...(neededKeys(alerting).length > 0 ? [this.secrets(props.secret)] : []),
          ],
          readiness: kplus.Probe.fromHttpGet("/-/ready", { port: PORT, periodSeconds: Duration.seconds(10) }),
          liveness: kplus.Probe.fromHttpGet("/-/healthy", { port: PORT, periodSeconds: Duration.seconds(20) }),
        },
      ],
    });
  }

  /**
   * Optional: without it, or without one of its keys, Alertmanager starts and only what needs it is not delivered. Its files are
   * read at each delivery, so a Secret that comes later needs no restart.
   */
  private secrets(name: string): kplus.VolumeMount {
    const secret = kplus.Secret.fromSecretName(this, "receivers", name);
    const volume = kplus.Volume.fromSecret(this, "receivers-files", secret, { name: "receivers", optional: true, defaultMode: 0o440 });
    return { path: SECRETS_FOLDER, readOnly: true, volume };
  }
}
