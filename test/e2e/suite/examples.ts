import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";

/** An example application in the suite's environment, and what a browser sees of it. */
export interface Example {
  /** The folder below examples/. */
  readonly folder: string;
  /** Its name in the environment file. */
  readonly name: string;
  readonly host: string;
  readonly path: string;
  /** A text that its page shows from the first moment on. */
  readonly first: string;
  /** The fields of its form. */
  readonly form: (text: string) => Record<string, string>;
  /** What of its entry is other than in an environment of its own. */
  readonly beside: object;
}

/** A volume that the suite adds to one of them, so that `import data` has one to fill. */
export const UPLOADS = { volume: "uploads", path: "/var/uploads" } as const;

/** The examples, each where it can be beside the sample: a path that Traefik takes away, a path of its own, a host of its own. */
export const EXAMPLES: readonly Example[] = [
  {
    folder: "flask-sqlalchemy",
    name: "tasks",
    host: "localhost",
    path: "/tasks/",
    first: "Read the guide",
    form: (title) => ({ title }),
    beside: { ingress: { path: "/tasks", stripPath: true }, volumes: { [UPLOADS.volume]: { path: UPLOADS.path, size: "64Mi" } } },
  },
  {
    folder: "flask-mysqlclient",
    name: "guestbook",
    host: "localhost",
    path: "/guestbook/",
    first: "¡Bienvenidos!",
    form: (text) => ({ name: "suite", text }),
    beside: {},
  },
  {
    folder: "django",
    name: "notes",
    host: "notes.localhost",
    path: "/",
    first: "Notes",
    form: (text) => ({ text }),
    beside: { ingress: { host: "notes.localhost" } },
  },
];

/** Less than the defaults, for the small node: Flask and Django with one worker take some 60 MiB. */
const RESOURCES = { memory: "80Mi", memoryLimit: "160Mi" };

interface Entry {
  readonly build: { readonly context: string };
  readonly database?: { readonly initialise?: readonly string[] };
}

/**
 * The entries of the examples' environment files, for one file anywhere: paths are absolute, resources are small.
 *
 * @param imported files that `import compose` wrote, by the example's name, in place of its own: the one application is the example
 */
export function exampleEntries(root = ".", imported: Readonly<Record<string, string>> = {}): Record<string, object> {
  return Object.fromEntries(
    EXAMPLES.map(({ folder, name, beside }) => {
      const file = imported[name] ?? resolve(root, "examples", folder, "environment.yaml");
      const at = dirname(file);
      const { applications } = parse(readFileSync(file, "utf8")) as { applications: Record<string, Entry> };
      const entry = imported[name] ? Object.values(applications)[0] : applications[name];
      if (!entry) throw new Error(`${file} has no application ${name}`);
      const { database, build } = entry;
      const sql = (database?.initialise ?? []).map((file) => resolve(at, file));
      return [
        name,
        {
          ...entry,
          build: { ...build, context: resolve(at, build.context) },
          ...(database ? { database: { ...database, ...(sql.length > 0 ? { initialise: sql } : {}) } } : {}),
          resources: RESOURCES,
          ...beside,
        },
      ];
    }),
  );
}
