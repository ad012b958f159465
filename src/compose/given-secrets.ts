import { relative } from "node:path";
import { compose as say } from "../messages/compose.ts";
import { type Entry, entry } from "./entry.ts";
import type { Given } from "./model.ts";
import { type Note, noteOn, type Part, part, type Subject, when } from "./part.ts";
import { ownSecret } from "./variables.ts";

const variableName = (text: string) =>
  text
    .toUpperCase()
    .replace(/[^A-Z0-9_]/g, "_")
    .replace(/^(?=\d)/, "_");

/** A word of a command line, in quotes where a shell needs them. */
const quoted = (text: string) => (/[^\w./=@-]/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : text);

/** A secret of the project that is a file in the container. */
function fileSecret(
  { source: secret, target = `/run/secrets/${secret}` }: Given,
  { name, passwordFiles, usesDatabase, project }: Subject,
): Part & { readonly argument?: string } {
  const key = variableName(secret);
  if (usesDatabase && passwordFiles.includes(target)) {
    return part([entry(key, [entry("from", `${name}-database`), entry("key", "password"), entry("file", target)], say.why.passwordFile)]);
  }
  const { file } = project.secrets[secret] ?? {};
  const argument =
    file === undefined ? `--from-literal=${secret}=…` : `--from-file=${quoted(`${secret}=${relative(project.folder, file)}`)}`;
  const entries = [entry("from", ownSecret(name)), entry("key", secret), entry("file", target)];
  return { ...part([entry(key, entries, say.why.ownFile(name, secret, target))]), argument };
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
