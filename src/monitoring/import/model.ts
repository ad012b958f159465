import { EnvironmentError } from "../../config/errors.ts";

/** A dashboard's JSON as Grafana exports it; only the fields that are read here are known. */
// biome-ignore lint/suspicious/noExplicitAny: written by people and programs of ten years; each reader checks what it reads
export type Json = any;

/** What is wrong with a dashboard as a whole, so that it cannot be imported. @throws EnvironmentError always */
export function refuse(source: string, message: string): never {
  throw new EnvironmentError(source, [{ path: "", message }]);
}

/** One query of a panel, a choice or an annotation. */
export interface Query {
  readonly expr: string;
  /** The data source's type, where it is not Prometheus. */
  readonly foreign?: string;
  /** For a variable's choices: the label whose values they are, and the regular expression that they must fit. */
  readonly picks?: { readonly label: string; readonly regex?: string };
}

/** A panel with its queries. */
export interface ImportedPanel {
  readonly title: string;
  /** Its kind; empty for a variable or an annotation. */
  readonly type: string;
  readonly queries: readonly Query[];
}

/** A variable or an annotation with its query. */
export interface Choice extends ImportedPanel {
  /** The variable's name, where panels depend on its values. */
  readonly variable?: string;
}

/** What became of a panel: why queries of it have no data, if any, and how many have. */
export interface PanelVerdict {
  readonly title: string;
  readonly alive: number;
  readonly dead: readonly string[];
}
