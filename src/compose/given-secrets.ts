import { relative } from "node:path";
import { compose as say } from "../messages/compose.ts";
import { quoted } from "../shell.ts";
import { type Entry, entry } from "./entry.ts";
import type { Given } from "./model.ts";
import { type Note, noteOn, type Part, part, type Subject, when } from "./part.ts";
import { ownSecret } from "./variables.ts";

const variableName = (text: string) =>
  text
    .toUpperCase()
    .replace(/[^A-Z0-9_]/g, "_")
    .replace(/^(?=\d)/, "_");

/** A secret of the project that is a file in the container. */
function fileSecret(
  { source: secret, target: given = `/run/secrets/${secret}` }: Given,
  { name, passwordFiles, usesDatabase, project, volumePaths, service }: Subject,
): Part & { readonly argument?: string } {
  const key = variableName(secret);
  const volume = volumePaths.find((path) => given.startsWith(`${path}/`));
  // A file in a volume would stay there as an empty one: the environment refuses it.
  const target = volume === undefined ? given : `/run/secrets/${secret}`;
  const moved = volume === undefined ? [] : [noteOn(service)("todo", say.todo.secretInVolume(given, volume, target))];
  if (usesDatabase && passwordFiles.includes(given)) {
    const entries = [entry("from", `${name}-database`), entry("key", "password"), entry("file", target)];
    return part([entry(key, entries, say.why.passwordFile)], moved);
  }
  const { file } = project.secrets[secret] ?? {};
  const argument =
    file === undefined ? `--from-literal=${secret}=…` : `--from-file=${quoted(`${secret}=${relative(project.folder, file)}`)}`;
  const entries = [entry("from", ownSecret(name)), entry("key", secret), entry("file", target)];
  return { ...part([entry(key, entries, say.why.ownFile(name, secret, target))], moved), argument };
}

/** `env` and `secrets` of an application. */
export function environmentPart(subject: Subject): Part {
  const { name, service, variables, definition } = subject;
  const { env, secrets, leftOut, empty, own } = variables;
  const note = noteOn(service);
  const files = (definition.secrets ?? []).map((given) => fileSecret(given, subject));
  // One command for all: a second would find that the Secret exists.
  const bring = [...own.map((key) => `--from-literal=${key}=…`), ...files.flatMap(({ argument }) => argument ?? [])];
  const all: Entry[] = [...secrets, ...files.flatMap((one) => one.entries)];
  const notes: (Note | undefined)[] = [
    ...files.flatMap((one) => one.notes),
    when(bring.length > 0, () => note("todo", say.todo.ownSecret(name, bring.join(" ")))),
    ...leftOut.map(({ key, why }) => note("leftOut", `${key}: ${why}`)),
    when(empty.length > 0, () => note("todo", say.todo.empty(empty.join(", ")))),
    ...(definition.configs ?? []).map(({ source }) => note("leftOut", say.volume.file(source, ""))),
  ];
  return part([when(env.length > 0, () => entry("env", env)), when(all.length > 0, () => entry("secrets", all))], notes);
}
