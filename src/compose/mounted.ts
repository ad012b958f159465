import { basename, join } from "node:path";
import { isRemote } from "./canonical.ts";
import { type Image, parseDockerfile } from "./dockerfile.ts";
import type { Files, Project, Service } from "./model.ts";

/** A file or folder of the project that a container has at a path. */
export interface Placed {
  /** Path in the container. */
  readonly target: string;
  /** Path on this machine, absolute. */
  readonly source: string;
}

/** The Dockerfile of a service that is built here; undefined where there is none to read. */
export function imageOf({ build }: Service, files: Files): { image: Image; file: string } | undefined {
  if (!build || isRemote(build.context)) return undefined;
  const file = join(build.context, build.dockerfile ?? "Dockerfile");
  const text = build.dockerfile_inline ?? files.read(file);
  return text === undefined ? undefined : { image: parseDockerfile(text, build.args, build.target), file };
}

/** What a container has of the project: mounts, configs, and what its Dockerfile copies. */
export function placedIn(service: Service, project: Project, files: Files): Placed[] {
  const binds = (service.volumes ?? []).flatMap(({ type, source, target }) =>
    type === "bind" && source !== undefined ? [{ source, target }] : [],
  );
  const given = (service.configs ?? []).flatMap(({ source, target }) => {
    const { file } = project.configs[source] ?? {};
    return file === undefined ? [] : [{ source: file, target: target ?? `/${source}` }];
  });
  const built = imageOf(service, files);
  const copied = (built?.image.copies ?? []).flatMap(({ sources, target, from }) => {
    if (from !== undefined || !service.build) return [];
    const context = service.build.context;
    return sources.map((name) => {
      const source = join(context, name);
      // A file keeps its name in a folder; a folder's content is copied.
      const isFolder = files.list(source) !== undefined;
      return { source, target: target.endsWith("/") && !isFolder ? join(target, basename(name)) : target.replace(/(?<=.)\/$/, "") };
    });
  });
  return [...binds, ...given, ...copied];
}

/** Every file below a place, with its path in the container; folders up to three levels deep. */
export function filesOf({ source, target }: Placed, files: Files, depth = 0): Placed[] {
  const names = files.list(source);
  if (names === undefined) return files.read(source) === undefined ? [] : [{ source, target }];
  if (depth > 2) return [];
  return names.flatMap((name) => filesOf({ source: join(source, name), target: join(target, name) }, files, depth + 1));
}

/** The files that a container has at paths of a form. */
export const filesAt = (service: Service, project: Project, files: Files, pattern: RegExp): Placed[] =>
  placedIn(service, project, files)
    .filter(({ source }) => files.list(join(source, "node_modules")) === undefined)
    .flatMap((place) => filesOf(place, files))
    .filter(({ target }) => pattern.test(target));
