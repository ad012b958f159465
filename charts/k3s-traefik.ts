import { Chart } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { HelmChartConfig } from "../imports/helm.cattle.io.ts";
import { ACME_VOLUME, acmeArguments } from "../src/acme.ts";
import type { Resources } from "../src/config/resources.ts";
import { type Identity, labels } from "../src/labels.ts";
import {
  ACCEPT_GRACE,
  DYNAMIC_FOLDER,
  dynamicConfiguration,
  type IngressSettings,
  K3S_ARGUMENTS,
  LATENCY_BUCKETS,
  READ_SECONDS,
  readSeconds,
} from "../src/traefik.ts";
import { toYaml } from "../src/yaml.ts";

export interface K3sTraefikProps {
  readonly ingress: IngressSettings;
  readonly resources: Resources;
}

/** The namespace of k3s' own Traefik; what it mounts has to lie there. */
const NAMESPACE = "kube-system";
const CONFIG_MAP = "cloudnova-traefik";

/** Configures the Traefik that k3s ships, through k3s' HelmChartConfig: our file provider, access log, client addresses, resources. */
export class K3sTraefikChart extends Chart {
  constructor(scope: Construct, id: string, { ingress, resources }: K3sTraefikProps) {
    super(scope, id, { namespace: NAMESPACE, disableResourceNameHashes: true });
    const identity: Identity = { name: CONFIG_MAP, component: "ingress" };
    new kplus.ConfigMap(this, "dynamic", {
      metadata: { name: CONFIG_MAP, labels: labels(identity) },
      data: { "cloudnova.yaml": toYaml(dynamicConfiguration(ingress)) },
    });
    const accepting = { transport: { lifeCycle: { requestAcceptGraceTimeout: ACCEPT_GRACE } } };
    const reads = readSeconds(ingress.applications ?? []);
    const patient = { transport: { ...accepting.transport, respondingTimeouts: { readTimeout: `${reads}s` } } };
    const { letsEncrypt } = ingress;
    const values = {
      additionalArguments: [...K3S_ARGUMENTS, ...(letsEncrypt ? acmeArguments(letsEncrypt) : [])],
      // The chart mounts its volume at ACME_FOLDER. Only one Traefik may write it, so the old one ends first.
      ...(letsEncrypt && { persistence: { enabled: true, size: ACME_VOLUME }, updateStrategy: { type: "Recreate" } }),
      // Values of the chart, and no arguments beside it: a chart that sets them too would pass an argument twice.
      metrics: { prometheus: { buckets: LATENCY_BUCKETS } },
      ports: { web: accepting, websecure: reads > READ_SECONDS ? patient : accepting },
      // The chart mounts a ConfigMap by its name.
      volumes: [{ name: CONFIG_MAP, mountPath: DYNAMIC_FOLDER, type: "configMap" }],
      // The client's own address survives ServiceLB, so that the rate limit tells clients apart.
      service: { spec: { externalTrafficPolicy: "Local" } },
      resources: {
        requests: { memory: resources.memory, cpu: resources.cpu },
        limits: { memory: resources.memoryLimit, cpu: resources.cpuLimit },
      },
    };
    new HelmChartConfig(this, "config", {
      metadata: { name: "traefik", labels: labels(identity) },
      spec: { valuesContent: toYaml(values) },
    });
  }
}
