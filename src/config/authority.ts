import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { environment as words } from "../messages/environment.ts";

/** A ConfigMap holds 1 MiB at most, beside its other fields; a provider's bundle of all regions has 170 kB. */
const MOST_BYTES = 900 * 1024;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Reads a file of certificates that an environment names.
 *
 * @param environment file of the environment, from whose folder the path counts
 * @returns the certificates alone, each as PEM
 * @throws Error in words for the user
 */
export function readAuthority(environment: string, named: string): string {
  const file = resolve(dirname(environment), named);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(words.authorityUnreadable(named, (error as NodeJS.ErrnoException).code ?? ""));
  }
  if (/PRIVATE KEY-----/.test(text)) throw new Error(words.authorityKey(named));
  const certificates = text.match(CERTIFICATE) ?? [];
  try {
    for (const certificate of certificates) new X509Certificate(certificate);
  } catch {
    throw new Error(words.authorityForm(named));
  }
  const written = certificates.map((one) => `${one.replaceAll("\r", "")}\n`).join("");
  if (certificates.length === 0 || written.length > MOST_BYTES) throw new Error(words.authorityForm(named));
  return written;
}
