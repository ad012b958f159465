import { type AlertCases, growing } from "./case.ts";

const PROBE = 'instance="localhost",job="probe"';
const probe = (values: string) => ({ [`probe_success{${PROBE}}`]: values });
const handshake = (connect: number) => ({
  ...probe("0x20"),
  [`probe_http_duration_seconds{${PROBE},phase="connect"}`]: `${connect}x20`,
  'up{job="traefik",instance="traefik-1"}': "1x20",
});
// promtool's clock starts at 0, so this is the time of expiry.
const expiry = (days: number) => ({ [`probe_ssl_earliest_cert_expiry{${PROBE}}`]: `${days * 86_400}x120` });
const requests = (code: string, perMinute: number) => ({
  [`traefik_entrypoint_requests_total{entrypoint="websecure",code="200",method="GET"}`]: growing(100 - perMinute),
  [`traefik_entrypoint_requests_total{entrypoint="websecure",code="${code}",method="GET"}`]: growing(perMinute),
});

// Beside localhost the environment has an application at tienda.example.com.
const certificates = (sans: string) => ({
  'up{job="traefik",instance="traefik-1"}': "1x40",
  [`traefik_tls_certs_not_after{job="traefik",instance="traefik-1",cn="",sans="${sans}"}`]: "9e9x40",
});

export const INGRESS: AlertCases = {
  PublicAddressDown: { fires: probe("1x3 0x20"), holds: probe("1x8 0 0 1x20"), at: "10m" },
  // No connection at all, against one that answers too late; Traefik itself runs in both.
  TlsHandshakeFailing: { fires: handshake(0), holds: handshake(0.002), at: "10m" },
  CertificateExpiresSoon: { fires: expiry(20.9), holds: expiry(21.2), at: "90m" },
  CertificateExpiresVerySoon: { fires: expiry(6.9), holds: expiry(7.1), at: "10m" },
  CertificateNotIssued: {
    fires: certificates("localhosts,tienda.example.com"),
    holds: certificates("localhost,tienda.example.com"),
    at: "20m",
  },
  IngressServerErrors: { fires: requests("502", 6), holds: requests("502", 4), at: "15m" },
  IngressRateLimiting: { fires: requests("429", 66), holds: requests("429", 54), at: "15m" },
};
