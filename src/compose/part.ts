import type { Database } from "./database.ts";
import type { Image } from "./dockerfile.ts";
import type { Entry } from "./entry.ts";
import type { Files, Project, Service } from "./model.ts";
import type { Labelled, Proxied, Route } from "./proxy.ts";
import type { Requirement, Source } from "./python.ts";
import type { Variables } from "./variables.ts";

/** What became of a part of the project: taken over, replaced by a part of CloudNova, left out, or left for the user to do. */
export interface Note {
  readonly kind: "taken" | "replaced" | "leftOut" | "todo";
  /** The service or file that it is about. */
  readonly subject: string;
  readonly text: string;
}

/** A route of a proxy, with the proxy's own settings. */
export interface Incoming {
  /** The proxy's service. */
  readonly proxy: string;
  readonly route: Route;
  readonly proxied: Proxied;
}

/** Where an application was reached in the project. */
export interface Wanted {
  readonly host?: string;
  readonly path: string;
  readonly strip: boolean;
}

/** Names on the MySQL server. */
export interface TakenNames {
  /** Databases, with the service that has each. */
  readonly databases: Map<string, string>;
  readonly users: Set<string>;
}

export interface ApplicationInput {
  /** Name in the environment file. */
  readonly name: string;
  /** Name in the Compose project. */
  readonly service: string;
  readonly project: Project;
  readonly files: Files;
  readonly built: { readonly image: Image; readonly file: string } | undefined;
  readonly database: Database | undefined;
  readonly incoming: readonly Incoming[];
  /** Its own configuration, where it is a web server that serves files. */
  readonly site: Proxied | undefined;
  /** Its own metrics, where the project's Prometheus reads them. */
  readonly metrics: { readonly port: number; readonly path: string } | undefined;
  /** Folder of the environment file, absolute. */
  readonly folder: string;
  /** Values of secrets that several services have. */
  readonly shared: ReadonlySet<string>;
  /** Names that databases and accounts of applications before it have; its own are added. */
  readonly taken: TakenNames;
  /** Keys of `ingress` for an address: host and path where there are several applications. */
  readonly place: (wanted: Wanted) => readonly Entry[];
}

/** A service that becomes an application, with everything that was found out about it. */
export interface Subject extends ApplicationInput {
  readonly definition: Service;
  /** The command that starts it, with the script that it names. */
  readonly command: string;
  /** Its Python source; undefined where it is not here. */
  readonly source: Source | undefined;
  readonly requirements: readonly Requirement[];
  readonly labels: Labelled;
  readonly usesDatabase: boolean;
  /** Whether it seems to use a database that it does not get. */
  readonly wantsOther: boolean;
  /** The service that gets the database which this one uses; undefined: none, or the database is outside of the project. */
  readonly owner: string | undefined;
  /** Services that use this one's database, and do not get it. */
  readonly others: readonly string[];
  /** Where its volumes are. */
  readonly volumePaths: readonly string[];
  /** Files with the database's password in its container. */
  readonly passwordFiles: readonly string[];
  readonly variables: Variables;
  /** A folder of code that is mounted into an image which is not built. */
  readonly code: { readonly source: string; readonly target: string } | undefined;
}

/** Entries of an application, and the notes on them. */
export interface Part {
  readonly entries: readonly Entry[];
  readonly notes: readonly Note[];
}

export const part = (entries: readonly (Entry | undefined)[], notes: readonly (Note | undefined)[] = []): Part => ({
  entries: entries.filter((one) => one !== undefined),
  notes: notes.filter((one) => one !== undefined),
});

/** Notes on one service, such as `noteOn("web")("todo", "…")`. */
export const noteOn =
  (subject: string) =>
  (kind: Note["kind"], text: string): Note => ({ kind, subject, text });

/** `value` where a condition holds. */
export const when = <T>(condition: unknown, value: () => T): T | undefined => (condition ? value() : undefined);

/** The words of a command as one text. */
export const spoken = (command: readonly string[] | null | undefined): string => (command ?? []).join(" ");
