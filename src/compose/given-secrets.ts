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

/** A secret of the project that is a file in the container. */
function fileSecret(
  { source: secret, target = `/run/secrets/${secret}` }: Given,
  { name, service, passwordFiles, usesDatabase, project }: Subject,
): Part {
  const key = variableName(secret);
  if (usesDatabase && passwordFiles.includes(target)) {
    return part([entry(key, [entry("from", `${name}-database`), entry("key", "password"), entry("file", target)], say.why.passwordFile)]);
  }
  const file = relative(project.folder, project.secrets[secret]?.file ?? secret);
  return part(
    [entry(key, [entry("from", ownSecret(name)), entry("key", secret), entry("file", target)], say.why.ownFile(name, secret, target))],
    [noteOn(service)("todo", say.todo.secretFile(name, secret, file))],
  );
}

/** `env` and `secrets` of an application. */
export function environmentPart(subject: Subject): Part {
  const { name, service, variables, definition } = subject;
  const { env, secrets, leftOut, empty, own } = variables;
  const note = noteOn(service);
  const files = (definition.secrets ?? []).map((given) => fileSecret(given, subject));
  const all: Entry[] = [...secrets, ...files.flatMap((one) => one.entries)];
  const notes: (Note | undefined)[] = [
    ...files.flatMap((one) => one.notes),
    when(own.length > 0, () => note("todo", say.todo.ownSecret(name, own))),
    ...leftOut.map(({ key, why }) => note("leftOut", `${key}: ${why}`)),
    when(empty.length > 0, () => note("todo", say.todo.empty(empty.join(", ")))),
    ...(definition.configs ?? []).map(({ source }) => note("leftOut", say.volume.file(source, ""))),
  ];
  return part([when(env.length > 0, () => entry("env", env)), when(all.length > 0, () => entry("secrets", all))], notes);
}
