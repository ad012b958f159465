import { readFileSync, writeFileSync } from "node:fs";
import { ClusterError } from "../../cluster/cluster-error.ts";
import { backup as words } from "../../messages/backup.ts";
import { EXIT, type Io, json, line } from "../io.ts";

export interface KeyOptions {
  readonly out: string;
  readonly output: "text" | "json";
}

/** `cloudnova backup key`: makes the owner's pair; the private half is never printed. */
export async function backupKeyCommand(io: Io, { out, output }: KeyOptions): Promise<number> {
  const { generateX25519Identity, identityToRecipient } = await import("age-encryption");
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  try {
    // The form of age-keygen's files.
    writeFileSync(out, `# created: ${new Date().toISOString()}\n# public key: ${recipient}\n${identity}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new ClusterError(code === "EEXIST" ? words.keyExists(out) : words.cannotWrite(out, code), words.otherFile);
  }
  if (output === "json") json(io, { file: out, recipient });
  else {
    line(io.stderr, words.keyMade(out));
    line(io.stderr, words.keyLine);
    line(io.stdout, `backups: { recipients: [${recipient}] }`);
  }
  return EXIT.ok;
}

/** The private keys in a text of age-keygen's form. */
export const identitiesOf = (text: string): string[] =>
  text
    .replace(/^\ufeff/, "")
    .split(/\r?\n|\r/)
    .map((one) => one.trim())
    .filter((one) => one.startsWith("AGE-SECRET-KEY-1"));

/** The private keys in a file of age-keygen's form; line ends of Windows are none of a key. @throws ClusterError where there is none */
export function identitiesIn(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new ClusterError(words.cannotRead(file, (error as NodeJS.ErrnoException).code ?? ""));
  }
  const found = identitiesOf(text);
  if (found.length === 0) throw new ClusterError(words.noIdentity(file));
  return found;
}
