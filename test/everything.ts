/**
 * Two environments that have between them every part with rights, routes or Secrets of its own: CloudNova's Traefik with Let's Encrypt and k3s'
 * with cert-manager; a sample application; applications with a database, volumes, metrics, Secrets, a host of their own, and with nothing.
 * Their namespaces differ, so that both can be applied to one API server.
 */
export const EVERYTHING = {
  kind: `cluster: kind
machine: { memory: 8Gi, cpu: "4" }
ingress: { host: shop.cloudnova.dev, tls: { letsEncrypt: { email: ops@cloudnova.dev } } }
monitoring: { grafana: true }
alerting:
  mail: { smarthost: "smtp.cloudnova.dev:587", from: a@cloudnova.dev, to: [b@cloudnova.dev], user: a@cloudnova.dev }
  heartbeat: {}
backups: { store: { endpoint: "https://s3.us-east-1.amazonaws.com", bucket: mine } }
applications:
  webapp: { sample: {} }
  shop:
    image: "shop:1"
    port: 80
    ingress: { host: other.cloudnova.dev }
    database: {}
    volumes: { uploads: { path: /srv/uploads } }
    metrics: { port: 9000 }
    secrets: { SECRET_KEY: { generate: true }, API_KEY: { from: shop-key, key: api } }
  legacy: { image: "legacy:1", database: false, user: 0, podSecurity: baseline, ingress: { path: /legacy } }
`,
  k3s: `cluster: k3s
namespace: second
machine: { memory: 8Gi, cpu: "4" }
ingress: { host: second.cloudnova.dev, tls: { certManager: { issuer: letsencrypt } } }
applications:
  webapp: { sample: {} }
  files: { image: "files:1", database: false, ingress: { path: /files }, metrics: {}, volumes: { data: { path: /srv } } }
`,
} as const;
