import { join, relative } from "node:path";
import { compose as say } from "../messages/compose.ts";
import { isRemote } from "./canonical.ts";
import { entry } from "./entry.ts";
import type { Build, Files } from "./model.ts";
import { noteOn, type Part, part, type Subject, when } from "./part.ts";

/** A path as the environment file names it. */
export const fromFolder = (folder: string, path: string): string => {
  const way = relative(folder, path) || ".";
  return way.startsWith(".") ? way : `./${way}`;
};

const READ = ["context", "dockerfile", "target", "args"];

function builtPart(build: Build, { service, folder, built, files: _ }: Subject): Part {
  const note = noteOn(service);
  const { context, dockerfile = "Dockerfile", target } = build;
  const remote = isRemote(context);
  const args = Object.entries(build.args ?? {}).flatMap(([key, value]) => (value === null ? [] : [entry(key, value)]));
  const secret = args.filter(({ key }) => /SECRET|TOKEN|PASS|KEY$/i.test(key));
  const open = args.filter((one) => !secret.includes(one));
  const others = Object.keys(build).filter((key) => !READ.includes(key));
  const parts = [
    entry("context", remote ? context : fromFolder(folder, context)),
    when(dockerfile !== "Dockerfile", () => entry("dockerfile", dockerfile)),
    when(target, () => entry("target", target ?? "")),
    when(open.length > 0, () => entry("args", open)),
  ];
  return part(
    [entry("build", part(parts).entries, say.why.build)],
    [
      when(others.length > 0, () => note("leftOut", say.keys.none(others.map((key) => `build.${key}`).join(", ")))),
      when(remote, () => note("todo", say.todo.remoteBuild(context))),
      when(!remote && !built, () => note("todo", say.todo.noDockerfile(join(context, dockerfile)))),
      when(secret.length > 0, () => note("todo", say.todo.secretArgs(secret.map(({ key }) => key).join(", ")))),
    ],
  );
}

/** The Dockerfile that has to be written because the project mounts its code. */
function dockerfileText(
  image: string,
  code: { source: string; target: string },
  files: Files,
  command: readonly string[] | null | undefined,
): string {
  const requirements = (files.list(code.source) ?? []).includes("requirements.txt")
    ? ["RUN pip install --no-cache-dir -r requirements.txt"]
    : [];
  // The image of a web server, such as php:8-apache, starts it itself.
  const own = /apache|nginx|httpd/.test(image) ? [] : ['CMD ["…"]'];
  const cmd = command?.length ? [`CMD ${JSON.stringify(command)}`] : own;
  return [`FROM ${image}`, `WORKDIR ${code.target}`, "COPY . .", ...requirements, ...cmd].join("\n");
}

/** `image` or `build` of an application. */
export function imagePart(subject: Subject): Part {
  const { definition, code, service, folder, files, project } = subject;
  const { build, image = "", command } = definition;
  const note = noteOn(service);
  if (build) return builtPart(build, subject);
  if (code) {
    const text = dockerfileText(image, code, files, command);
    return part(
      [entry("build", [entry("context", fromFolder(folder, code.source))], say.why.writeDockerfile)],
      [note("todo", say.todo.writeDockerfile(relative(project.folder, code.source) || ".", text))],
    );
  }
  if (/(:(?!latest(@|$))[^/:@]+|@sha256:[0-9a-f]+)$/.test(image)) return part([entry("image", image, say.why.image)]);
  const bare = image.replace(/:latest$/, "");
  const isBuilt = Object.values(project.services).some((one) => one.build?.context === project.folder);
  const context = !isBuilt && files.read(join(project.folder, "Dockerfile")) !== undefined ? fromFolder(folder, project.folder) : undefined;
  return part([entry("image", `${bare}:VERSION`, say.why.noVersion)], [note("todo", say.todo.noVersion(bare, context))]);
}
