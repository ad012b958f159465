import type { DASHBOARDS } from "../../config/schema.ts";
import type { Language } from "../../language.ts";
import { alerts } from "./alerts-dashboard.ts";
import { containers } from "./containers-dashboard.ts";
import { mysql } from "./mysql-dashboard.ts";
import { node } from "./node-dashboard.ts";
import { nodeIo } from "./node-io-dashboard.ts";
import { overview } from "./overview-dashboard.ts";
import { type DashboardSpec, dashboardJson, type PanelSpec, queriesOf, type Variable } from "./panel.ts";
import { prometheus } from "./prometheus-dashboard.ts";
import { system } from "./system-dashboard.ts";
import { traefik } from "./traefik-dashboard.ts";
import { webapp } from "./webapp-dashboard.ts";

export type DashboardName = (typeof DASHBOARDS)[number];

/** A dashboard as Grafana reads it. */
export interface NamedDashboard {
  /** The name in the environment file and in its ConfigMap's. */
  readonly name: string;
  readonly json: string;
}

const SPECS: Readonly<Record<DashboardName, DashboardSpec>> = {
  overview,
  system,
  webapp,
  alerts,
  mysql,
  traefik,
  containers,
  node,
  "node-io": nodeIo,
  prometheus,
};

/** Every dashboard by name, in the order in which they are listed. */
export const dashboardSpecs = (): readonly (readonly [DashboardName, DashboardSpec])[] => SPEC_LIST;

const SPEC_LIST = Object.entries(SPECS) as [DashboardName, DashboardSpec][];

/** The chosen dashboards, in the environment's language. */
export function dashboards(names: readonly DashboardName[], language: Language): NamedDashboard[] {
  return names.map((name) => ({ name, json: dashboardJson(SPECS[name], language) }));
}

/** Where each of the chosen dashboards is, in a Grafana at an address. */
export function dashboardAddresses(names: readonly DashboardName[], grafana: string): Partial<Record<DashboardName, string>> {
  return Object.fromEntries(names.map((name) => [name, `${grafana}/d/${SPECS[name].uid}`]));
}

/** A query with the place where it is asked. */
export interface PanelQuery {
  readonly dashboard: DashboardName;
  readonly panel: PanelSpec | Variable;
  /** How a line of its result is named, as Grafana reads it. Empty for a choice's. */
  readonly legend: string;
  readonly expr: string;
}

/** Every query of every panel, whichever dashboards an environment chooses. */
export function panelQueries(): PanelQuery[] {
  return SPEC_LIST.flatMap(([dashboard, { panels }]) =>
    panels.flatMap((panel) =>
      "queries" in panel ? Object.entries(queriesOf(panel)).map(([legend, expr]) => ({ dashboard, panel, legend, expr })) : [],
    ),
  );
}

/** The query of every choice: series that have its label. */
export function choiceQueries(): PanelQuery[] {
  return SPEC_LIST.flatMap(([dashboard, { variables = [] }]) =>
    variables.map((variable) => ({ dashboard, panel: variable, legend: `{{${variable.label}}}`, expr: variable.metric })),
  );
}

/** Every query of every dashboard and of its variables, whichever an environment chooses. */
export const dashboardQueries = (): string[] => [...panelQueries(), ...choiceQueries()].map(({ expr }) => expr);
