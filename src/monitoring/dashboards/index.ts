import type { DASHBOARDS } from "../../config/schema.ts";
import type { Language } from "../../language.ts";
import { EVERYTHING, fits, type Parts } from "../parts.ts";
import { alerts } from "./alerts-dashboard.ts";
import { applications } from "./applications-dashboard.ts";
import { backups } from "./backups-dashboard.ts";
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
  applications,
  alerts,
  mysql,
  backups,
  traefik,
  containers,
  node,
  "node-io": nodeIo,
  prometheus,
};

const SPEC_LIST = Object.entries(SPECS) as [DashboardName, DashboardSpec][];

/** The dashboards of an environment by name, in the order in which they are listed, each without the panels that would be dead there. */
export const dashboardSpecs = (parts: Parts = EVERYTHING): readonly (readonly [DashboardName, DashboardSpec])[] =>
  SPEC_LIST.filter(([, spec]) => fits(parts, spec)).map(([name, spec]) => [
    name,
    { ...spec, panels: spec.panels.filter((panel) => "heading" in panel || fits(parts, panel)) },
  ]);

/** The chosen dashboards, in the environment's language. */
export function dashboards(names: readonly DashboardName[], language: Language, parts: Parts = EVERYTHING): NamedDashboard[] {
  const specs = new Map(dashboardSpecs(parts));
  return names.flatMap((name) => {
    const spec = specs.get(name);
    return spec ? [{ name, json: dashboardJson(spec, language) }] : [];
  });
}

/**
 * Where each of the chosen dashboards is, in a Grafana at an address, as an annotation of an alert names it: with the application that
 * the alert is about.
 */
export function dashboardAddresses(
  names: readonly DashboardName[],
  grafana: string,
  parts: Parts = EVERYTHING,
): Partial<Record<DashboardName, string>> {
  const chosen = dashboardSpecs(parts).filter(([name]) => names.includes(name));
  const shown = ({ needs }: DashboardSpec) => (needs === "applications" ? "?var-application={{ $labels.application }}" : "");
  return Object.fromEntries(chosen.map(([name, spec]) => [name, `${grafana}/d/${spec.uid}${shown(spec)}`]));
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
export function panelQueries(parts: Parts = EVERYTHING): PanelQuery[] {
  return dashboardSpecs(parts).flatMap(([dashboard, { panels }]) =>
    panels.flatMap((panel) =>
      "queries" in panel ? Object.entries(queriesOf(panel)).map(([legend, expr]) => ({ dashboard, panel, legend, expr })) : [],
    ),
  );
}

/** The query of every choice: series that have its label. */
export function choiceQueries(parts: Parts = EVERYTHING): PanelQuery[] {
  return dashboardSpecs(parts).flatMap(([dashboard, { variables = [] }]) =>
    variables.map((variable) => ({ dashboard, panel: variable, legend: `{{${variable.label}}}`, expr: variable.metric })),
  );
}

/** Every query of every dashboard and of its variables, whichever an environment chooses. */
export const dashboardQueries = (parts: Parts = EVERYTHING): string[] =>
  [...panelQueries(parts), ...choiceQueries(parts)].map(({ expr }) => expr);
