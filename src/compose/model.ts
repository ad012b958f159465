/** A port of a service in its long form. */
export interface Port {
  /** Port in the container. */
  readonly target: number;
  /** Port or range on the machine; undefined: a random one. */
  readonly published?: string;
  readonly protocol?: string;
  readonly host_ip?: string;
}

/** A mount of a service in its long form. */
export interface Mount {
  readonly type: string;
  /** Path on the machine (bind, absolute) or name of the volume; undefined for an anonymous volume. */
  readonly source?: string;
  /** Path in the container. */
  readonly target: string;
  readonly read_only?: boolean;
}

export interface Build {
  /** Folder, absolute; or an address that Docker fetches. */
  readonly context: string;
  readonly dockerfile?: string;
  readonly dockerfile_inline?: string;
  readonly target?: string;
  readonly args?: Readonly<Record<string, string | null>>;
}

export interface Healthcheck {
  readonly test?: readonly string[];
  readonly start_period?: string;
  readonly interval?: string;
  readonly retries?: number;
  readonly disable?: boolean;
}

/** A secret or config that a service reads. */
export interface Given {
  readonly source: string;
  /** Path of its file in the container. */
  readonly target?: string;
}

interface Limits {
  readonly cpus?: number | string;
  /** Bytes. */
  readonly memory?: number | string;
}

/**
 * A service in the form that `docker compose config --format json` prints: long forms alone, variables filled in, paths absolute, env
 * files merged into `environment`. Keys that nothing here reads are kept, so that each can be named.
 */
export interface Service {
  readonly image?: string;
  readonly build?: Build;
  readonly command?: readonly string[] | null;
  readonly entrypoint?: readonly string[] | null;
  /** null: taken from the shell, where it was not set. */
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly ports?: readonly Port[];
  readonly expose?: readonly string[];
  readonly volumes?: readonly Mount[];
  readonly depends_on?: Readonly<Record<string, { readonly condition?: string }>>;
  readonly healthcheck?: Healthcheck;
  readonly user?: string;
  readonly secrets?: readonly Given[];
  readonly configs?: readonly Given[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly links?: readonly string[];
  readonly networks?: Readonly<Record<string, { readonly aliases?: readonly string[] } | null>>;
  readonly container_name?: string;
  readonly hostname?: string;
  readonly profiles?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly scale?: number;
  readonly cpus?: number | string;
  /** Bytes. */
  readonly mem_limit?: number | string;
  readonly stop_grace_period?: string;
  readonly working_dir?: string;
  readonly deploy?: {
    readonly replicas?: number;
    readonly resources?: { readonly limits?: Limits; readonly reservations?: Limits };
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
}

/** A project of Compose files, loaded. */
export interface Project {
  readonly name: string;
  /** Folder of the first file. */
  readonly folder: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file?: string; readonly environment?: string; readonly external?: boolean }>>;
  readonly configs: Readonly<Record<string, { readonly file?: string }>>;
  /** Variables that the files name, and that are not set. */
  readonly unset: readonly string[];
}

/** Reads files and folders; an argument, so that tests need no disk. */
export interface Files {
  /** The text of a file; undefined where there is none that can be read, or it is larger than 4 MiB. */
  readonly read: (path: string) => string | undefined;
  /** The names in a folder, sorted; undefined where there is none. */
  readonly list: (path: string) => readonly string[] | undefined;
}
