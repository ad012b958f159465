import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A key and a certificate that nobody vouches for, as PEM.
 *
 * @param subject its subjectAltName, such as `DNS:localhost` or `IP:127.0.0.1`
 * @param days for how many days it is good
 * @param name its owner, and so its issuer
 */
export function selfSigned(subject: string, days = 2, name = "CloudNova"): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-tls-"));
  const [key, cert] = [join(folder, "key"), join(folder, "cert")];
  // An elliptic curve's key is made at once, one of RSA's takes seconds on a busy machine.
  const kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const about = ["-days", `${days}`, "-subj", `/CN=${name}`, "-addext", `subjectAltName=${subject}`];
  execFileSync("openssl", [...kind, ...about, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const pair = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  rmSync(folder, { recursive: true });
  return pair;
}

/** The certificate of an authority anew, of the same key and with so many days left; both PEM. */
export function expiring(key: string, days: number): string {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-tls-"));
  writeFileSync(join(folder, "key"), key);
  const about = ["-days", `${days}`, "-subj", "/CN=CloudNova", "-addext", "keyUsage=critical,keyCertSign"];
  const pem = execFileSync("openssl", ["req", "-x509", "-key", join(folder, "key"), ...about], { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  return pem;
}
