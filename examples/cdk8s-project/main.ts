import { App, Chart, Duration } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import { DataVolume, HardenedDeployment, HardenedStatefulSet, WorkloadService } from "cloudnova/constructs";
import type { Construct } from "constructs";

const resources = { memory: "32Mi", memoryLimit: "64Mi", cpu: "10m", cpuLimit: "200m" };

/** A namespace in which the API server accepts only pods of Pod Security level restricted. */
class NamespaceChart extends Chart {
  constructor(scope: Construct, id: string, name: string) {
    super(scope, id);
    new kplus.Namespace(this, "namespace", { metadata: { name, labels: { "pod-security.kubernetes.io/enforce": "restricted" } } });
  }
}

/** A web server and its cache. */
class GuestbookChart extends Chart {
  constructor(scope: Construct, id: string, namespace: string) {
    super(scope, id, { namespace, disableResourceNameHashes: true });

    const cache = new WorkloadService(this, "cache-service", { name: "cache", ports: [{ port: 6379 }], headless: true });
    const data = new DataVolume(this, "cache-data", { name: "cache", size: "512Mi" });
    new HardenedStatefulSet(this, "cache", {
      name: "cache",
      service: cache,
      containers: [
        {
          name: "valkey",
          image: "valkey/valkey:8.1.4",
          user: 10_100,
          resources,
          args: ["--dir", "/data", "--appendonly", "yes"],
          ports: { valkey: 6379 },
          mounts: [{ path: "/data", volume: data.volume }],
          readiness: kplus.Probe.fromTcpSocket({ port: 6379, periodSeconds: Duration.seconds(10) }),
        },
      ],
    });

    new HardenedDeployment(this, "web", {
      name: "web",
      labels: { "app.kubernetes.io/part-of": "guestbook" },
      replicas: 2,
      containers: [
        {
          name: "web",
          image: "ghcr.io/example/guestbook:1.4.0",
          user: 10_101,
          resources,
          env: { CACHE: `${cache.name}:6379` },
          ports: { http: 8080 },
          readiness: kplus.Probe.fromHttpGet("/healthz", { port: 8080 }),
        },
      ],
    });
    new WorkloadService(this, "web-service", { name: "web", ports: [{ port: 80, targetPort: 8080 }] });
  }
}

const app = new App();
new NamespaceChart(app, "00-namespace", "guestbook");
new GuestbookChart(app, "10-guestbook", "guestbook");
app.synth();
