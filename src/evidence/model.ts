import type { Finding } from "../cluster/finding.ts";
import type { Language } from "../language.ts";

/**
 * One part of the evidence. What could not be had is shown as such, never left out: `failed` when it should be there,
 * `absent` when this cluster or machine does not have it.
 */
export type Part<T> = { readonly value: T } | { readonly failed: string } | { readonly absent: string };

/** A part, whatever becomes of the work. */
export async function part<T>(work: () => T | Promise<T>): Promise<Part<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { failed: (error as Error).message };
  }
}

/** A picture of a page, as a browser saw it. */
export interface Picture {
  readonly title: string;
  readonly address: string;
  /** WebP, base64. */
  readonly data: string;
}

/** A scrape target of Prometheus. */
export interface Target {
  readonly job: string;
  readonly instance: string;
  readonly up: boolean;
  /** What went wrong at the last scrape; empty when nothing did. */
  readonly error: string;
  /** Duration of the last scrape, seconds. */
  readonly seconds: number;
  /** Samples that the target exports, and how many of them are stored; undefined before the first scrape. */
  readonly exported?: number;
  readonly stored?: number;
}

/** An alert's rule, as Prometheus evaluates it. */
export interface AlertRule {
  readonly group: string;
  readonly name: string;
  readonly state: "firing" | "pending" | "inactive" | "unknown";
  readonly severity: string;
  readonly summary: string;
  /** `ok`, or what went wrong at the last evaluation. */
  readonly health: string;
}

/** An alert that Alertmanager holds. */
export interface HeldAlert {
  readonly name: string;
  readonly state: string;
  readonly severity: string;
  readonly since: Date;
  readonly receivers: readonly string[];
}

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  /** `Running`, `Completed`, or why it does not run, as kubectl says it. */
  readonly status: string;
  readonly well: boolean;
  /** Containers that are ready, of all. */
  readonly ready: string;
  readonly restarts: number;
  /** Working set and memory request, bytes; undefined where there is no figure. */
  readonly memory?: number;
  readonly request?: number;
}

/** What runs: a program, its version, and where that was read. */
export interface Version {
  readonly what: string;
  readonly version: string;
}

/** A line over time: seconds since 1970 and the value, null where there is none. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [number, number | null])[];
}

/** What a panel shows. */
export type Shown =
  | { readonly kind: "lines"; readonly series: readonly Series[] }
  | { readonly kind: "numbers"; readonly values: readonly { readonly name: string; readonly value: number }[] }
  | { readonly kind: "rows"; readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] };

/** A threshold: the colour from this value on. */
export interface Step {
  readonly from: number;
  readonly colour: string;
}

/** A panel without its queries and data. */
export interface PanelFrame {
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  readonly min?: number;
  readonly max?: number;
  /** Whether the lines are areas one upon the other. */
  readonly stacked: boolean;
  readonly steps: readonly Step[];
  /** Columns of 24. */
  readonly width: number;
}

/** A panel of a dashboard, with its data. */
export interface PanelView extends PanelFrame {
  readonly shown: Part<Shown>;
}

/** A dashboard as Grafana would show it: panels under headings. */
export interface BoardView {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly { readonly heading: string; readonly panels: readonly PanelView[] }[];
}

/** A folder or file of the repository. */
export interface Entry {
  readonly path: string;
  /** Files below it; 0 for a file. */
  readonly files: number;
}

/** The state of the source that all this was made from. */
export interface Commit {
  readonly id: string;
  readonly date: string;
  readonly subject: string;
  /** Whether files differ from it. */
  readonly changed: boolean;
}

/** Everything that the page shows. */
export interface Evidence {
  readonly language: Language;
  readonly taken: Date;
  readonly timeZone: string;
  readonly environment: string;
  /** What the environment is: cluster, machine, address, namespace. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly application: Part<readonly Part<Picture>[]>;
  readonly certificate: Part<string>;
  readonly targets: Part<readonly Target[]>;
  readonly grafana: Part<readonly Part<Picture>[]>;
  /** How long a time the charts show, in words of the environment such as `1h`. */
  readonly range: string;
  readonly boards: readonly Part<BoardView>[];
  readonly rules: Part<readonly AlertRule[]>;
  readonly alertmanager: Part<readonly HeldAlert[]>;
  readonly pods: Part<readonly Pod[]>;
  readonly findings: Part<readonly Finding[]>;
  readonly commit: Part<Commit>;
  readonly layout: Part<readonly Entry[]>;
  readonly versions: Part<readonly Version[]>;
}
