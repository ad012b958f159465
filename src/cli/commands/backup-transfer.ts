import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, renameSync, rmSync, statSync } from "node:fs";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BACKUP_SECRETS } from "../../backups.ts";
import { textOf, withFiles } from "../../cluster/backup/transfer.ts";
import { isBackupName, type Unit, unitOf } from "../../cluster/backup/units.ts";
import { ClusterError } from "../../cluster/cluster-error.ts";
import type { Client } from "../../cluster/transport/client.ts";
import { readSecret } from "../../cluster/transport/secret.ts";
import { backup as words } from "../../messages/backup.ts";
import { EXIT, type Io, json, line } from "../io.ts";
import { type Session, withSession } from "../session.ts";
import { type BackupOptions, sizeText, unitsFor } from "./backup.ts";
import { identitiesIn, identitiesOf } from "./backup-key.ts";

const ENDING = ".cnb";

/** A file's content is hashed while it passes. */
async function* hashed(content: AsyncIterable<Buffer>, hash: ReturnType<typeof createHash>): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
}

/** Writes a backup to a file that is there only once it is whole. */
async function save(session: Session, unit: Unit, name: string, file: string): Promise<number> {
  const partial = `${file}.partial`;
  try {
    await withFiles(
      session.client,
      unit.name,
      (text) => line(session.io.stderr, text),
      async (send) => {
        const answer = await send({ method: "GET", name });
        if (answer.statusCode !== 200) throw new ClusterError(words.refused(name, await textOf(answer)), words.seeList());
        const hash = createHash("sha256");
        await pipeline(hashed(answer, hash), createWriteStream(partial, { mode: 0o600 }));
        // One that comes from the store has no sum in its header: the program compares it, and breaks off where it differs.
        const { "x-sha256": sum } = answer.headers;
        const isWhole = answer.complete && (sum === undefined || sum === hash.digest("hex"));
        if (!isWhole) throw new ClusterError(words.unequal(file), words.tryAgain);
      },
    );
    renameSync(partial, file);
    return statSync(file).size;
  } finally {
    rmSync(partial, { force: true });
  }
}

/** `cloudnova backup download` */
export function backupDownloadCommand(
  io: Io,
  environment: string | undefined,
  [name, file = `${name}${ENDING}`]: readonly (string | undefined)[],
  options: BackupOptions,
): Promise<number> {
  if (name === undefined) throw new ClusterError(words.namesOne, words.seeList());
  if (existsSync(file)) throw new ClusterError(words.exists(file), words.otherFile);
  return withSession(io, environment, options, async (session) => {
    const bytes = await save(session, unitOf(unitsFor(session), name), name, file);
    if (options.output === "json") json(io, { environment: session.name, name, file, bytes });
    else line(io.stdout, words.downloaded(file, sizeText(bytes)));
    return EXIT.ok;
  });
}

export interface UploadOptions extends BackupOptions {
  /** File with the owner's private key: the backup is of another cluster, whose key is lost. */
  readonly key?: string;
}

/** What is sent, and its length. */
interface Content {
  readonly stream: Readable;
  readonly bytes: number;
}

const read = (file: string) => Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>;

/**
 * A backup that is encrypted anew: decrypted in this process and nowhere else, and never written to a disk.
 *
 * @param identities private keys, one of which opens it
 * @param recipients public keys to which it is encrypted then
 * @throws ClusterError when no key opens the file, or it is damaged
 */
export async function encryptedAnew(file: string, identities: readonly string[], recipients: Iterable<string>): Promise<Content> {
  const { Decrypter, Encrypter } = await import("age-encryption");
  const [opens, closes] = [new Decrypter(), new Encrypter()];
  for (const identity of identities) opens.addIdentity(identity);
  for (const recipient of recipients) closes.addRecipient(recipient);
  const plain = await opens.decrypt(read(file)).catch((error: Error) => {
    throw new ClusterError(/no identity matched/.test(error.message) ? words.wrongKey(file) : words.damaged(file));
  });
  const sealed = await closes.encrypt(plain);
  return {
    stream: Readable.fromWeb(sealed as Parameters<typeof Readable.fromWeb>[0]),
    bytes: sealed.size(plain.size(statSync(file).size)),
  };
}

/** The public half of the key of a namespace's backups; the Secret has the private one. @throws ClusterError where there is none */
export async function recipientOf(client: Client, namespace: string): Promise<string> {
  const [identity] = identitiesOf((await readSecret(client, namespace, BACKUP_SECRETS.key, "identity")) ?? "");
  if (!identity) throw new ClusterError(words.noClusterKey(namespace), words.applyFirst());
  const { identityToRecipient } = await import("age-encryption");
  return identityToRecipient(identity);
}

/** The same, to this cluster's key and the owner's. */
async function forCluster(session: Session, unit: Unit, file: string, keyFile: string): Promise<Content> {
  const identities = identitiesIn(keyFile);
  const recipient = await recipientOf(session.client, unit.name);
  return encryptedAnew(file, identities, new Set([recipient, ...unit.recipients]));
}

/** The name of the backup in a file. @throws ClusterError where the file is not there, or has another name */
function nameIn(file: string): string {
  const name = basename(file, ENDING);
  if (!file.endsWith(ENDING) || !isBackupName(name)) throw new ClusterError(words.unfit(file));
  if (!existsSync(file)) throw new ClusterError(words.cannotRead(file, "ENOENT"));
  return name;
}

/** `cloudnova backup upload` */
export function backupUploadCommand(
  io: Io,
  environment: string | undefined,
  file: string | undefined,
  options: UploadOptions,
): Promise<number> {
  if (file === undefined) throw new ClusterError(words.namesFile);
  const name = nameIn(file);
  return withSession(io, environment, options, async (session) => {
    const unit = unitOf(unitsFor(session), name);
    const body = options.key
      ? await forCluster(session, unit, file, options.key)
      : { stream: createReadStream(file) as Readable, bytes: statSync(file).size };
    await withFiles(
      session.client,
      unit.name,
      (text) => line(io.stderr, text),
      async (send) => {
        const answer = await send({ method: "PUT", name, body });
        const text = await textOf(answer);
        if (answer.statusCode !== 200) throw new ClusterError(words.refused(name, text));
      },
    );
    if (options.output === "json") json(io, { environment: session.name, unit: unit.name, name, bytes: body.bytes });
    else {
      line(io.stdout, words.uploaded(name, sizeText(body.bytes)));
      line(io.stdout, words.restoreIt(name));
    }
    return EXIT.ok;
  });
}
