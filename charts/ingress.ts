import { Chart } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { type Identity, labels } from "../src/labels.ts";
import { MIDDLEWARES, SAMPLE_PRIORITY } from "../src/traefik.ts";

/** Where the certificate of an Ingress is. */
export interface IngressCertificate {
  /** TLS Secret with the certificate; undefined where Traefik orders it itself and serves it for every name. */
  readonly secret?: string;
  /** Names in the certificate: cert-manager issues it for these. */
  readonly names: readonly string[];
  /** Annotations of the Ingress by which cert-manager issues the certificate into the Secret. @default none */
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface IngressProps {
  readonly namespace: string;
  /** The name that is answered when onlyHost is set; otherwise every name and address is. */
  readonly host: string;
  readonly onlyHost: boolean;
  /** Where the certificate is. */
  readonly certificate: IngressCertificate;
  /** The Service that answers; undefined where the sample application does not run. */
  readonly backend: kplus.Service | undefined;
}

const ANNOTATION = "traefik.ingress.kubernetes.io/router";

/** The ingress: HTTPS to the application, and HTTP that only redirects there. The controller is another chart's. */
export class IngressChart extends Chart {
  constructor(scope: Construct, id: string, props: IngressProps) {
    super(scope, id, { namespace: props.namespace, disableResourceNameHashes: true });
    const { headers, limit, redirect } = MIDDLEWARES;
    const { backend, certificate } = props;
    if (!backend) {
      this.certificate(props);
      return;
    }
    const sample = { ...props, backend };
    const secret = certificate.secret && kplus.Secret.fromSecretName(this, "certificate", certificate.secret);
    const tls = secret ? [{ hosts: [...certificate.names], secret }] : undefined;
    const router = { entrypoints: "websecure", tls: "true", middlewares: `${headers},${limit}`, priority: String(SAMPLE_PRIORITY.pages) };
    this.add("webapp", sample, router, { tls, annotations: certificate.annotations });
    this.add("webapp-redirect", sample, { entrypoints: "web", middlewares: redirect });
  }

  /**
   * An Ingress without a path: Traefik takes the certificate from it, and makes no route. The applications' Ingresses are in other
   * namespaces, where no Ingress may name this Secret; they are served the certificate whose names match.
   */
  private certificate({ host, certificate: { secret, names, annotations } }: IngressProps): void {
    new kplus.k8s.KubeIngress(this, "certificate", {
      metadata: { name: "certificate", labels: labels({ name: "certificate", component: "ingress" }), annotations },
      spec: { ingressClassName: "traefik", rules: [{ host }], tls: [{ hosts: [...names], secretName: secret }] },
    });
  }

  private add(
    name: string,
    { host, onlyHost, backend }: IngressProps & { readonly backend: kplus.Service },
    router: Record<string, string>,
    { tls, annotations }: { readonly tls?: kplus.IngressTls[]; readonly annotations?: Readonly<Record<string, string>> } = {},
  ): void {
    const identity: Identity = { name, component: "ingress" };
    new kplus.Ingress(this, name, {
      metadata: {
        name,
        labels: labels(identity),
        annotations: {
          ...Object.fromEntries(Object.entries(router).map(([key, value]) => [`${ANNOTATION}.${key}`, value])),
          ...annotations,
        },
      },
      className: "traefik",
      // Without a path cdk8s-plus writes a defaultBackend, and Traefik accepts only one of those.
      rules: [{ host: onlyHost ? host : undefined, path: "/", backend: kplus.IngressBackend.fromService(backend) }],
      tls,
    });
  }
}
