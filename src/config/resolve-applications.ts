import type { z } from "zod";
import { type application, SAMPLE } from "./applications.ts";
import { RESOURCES, type Resources } from "./resources.ts";
import { sample } from "./sample.ts";
import type { Parsed } from "./schema.ts";

type Entry = z.output<typeof application>;

/** An application's database and its account on the MySQL server. */
export interface ApplicationDatabase {
  readonly name: string;
  readonly user: string;
  readonly requireTls: boolean;
  /** SQL files and folders as the environment file names them. */
  readonly initialise: readonly string[];
}

/** An application of the user's, with every default decided. */
export interface Application extends Omit<Entry, "sample" | "image" | "resources" | "database"> {
  readonly name: string;
  /** Its own namespace. */
  readonly namespace: string;
  readonly image: string;
  readonly resources: Resources;
  readonly database: false | ApplicationDatabase;
}

/**
 * Memory and CPU of an application that says nothing: the request is the sample's, which is Flask under gunicorn too; the limit leaves
 * what larger frameworks load at their start.
 */
export const APPLICATION_RESOURCES: Resources = { ...RESOURCES.webapp, memoryLimit: "256Mi", cpu: "50m" };

/** The name of what `up` builds where the environment names none: a host that no registry has, so that nothing is pulled by mistake. */
const builtImage = (name: string): string => `cloudnova.local/${name}:1`;

/** The namespace of an application. */
export const applicationNamespace = (namespace: string, name: string): string => `${namespace}-${name}`;

/** Where an environment file has the settings of the sample. */
export const samplePath = ({ webapp }: Pick<Parsed, "webapp">): readonly string[] =>
  webapp ? ["webapp"] : ["applications", SAMPLE, "sample"];

/** Whether the sample runs, and its settings: by default it does, and alone. */
export function sampleOf({ webapp, applications }: Pick<Parsed, "webapp" | "applications">): {
  readonly runs: boolean;
  readonly settings: z.output<typeof sample>;
} {
  const given = webapp ?? applications?.[SAMPLE]?.sample;
  return { runs: given !== undefined || applications === undefined, settings: given ?? sample.parse({}) };
}

/** The user's own applications, in the file's order; the sample is none of them. */
export function resolveApplications({ namespace, applications = {} }: Pick<Parsed, "namespace" | "applications">): Application[] {
  return Object.entries(applications)
    .filter(([, { sample: isSample }]) => isSample === undefined)
    .map(([name, { sample: _, image, resources, database, ...rest }]) => {
      const own = database === false ? undefined : (database.name ?? name.replaceAll("-", "_"));
      const given = Object.entries(resources).filter(([, value]) => value !== undefined);
      return {
        ...rest,
        name,
        namespace: applicationNamespace(namespace, name),
        image: image ?? builtImage(name),
        resources: { ...APPLICATION_RESOURCES, ...Object.fromEntries(given) },
        database: database !== false && own !== undefined && { ...database, name: own, user: database.user ?? own.slice(0, 32) },
      };
    });
}
