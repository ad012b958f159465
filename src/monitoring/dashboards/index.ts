import type { DASHBOARDS } from "../../config/schema.ts";
import type { Language } from "../rules/rule.ts";
import { alerts } from "./alerts.ts";
import { containers } from "./containers.ts";
import { mysql } from "./mysql.ts";
import { node } from "./node.ts";
import { nodeIo } from "./node-io.ts";
import { overview } from "./overview.ts";
import { type DashboardSpec, dashboardJson } from "./panel.ts";
import { prometheus } from "./prometheus.ts";
import { system } from "./system.ts";
import { traefik } from "./traefik.ts";
import { webapp } from "./webapp.ts";

export type DashboardName = (typeof DASHBOARDS)[number];

/** A dashboard as Grafana reads it. */
export interface NamedDashboard {
  /** The name in the environment file and in its ConfigMap's. */
  readonly name: DashboardName;
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

/** The chosen dashboards, in the environment's language. */
export function dashboards(names: readonly DashboardName[], language: Language): NamedDashboard[] {
  return names.map((name) => ({ name, json: dashboardJson(SPECS[name], language) }));
}

/** Where each of the chosen dashboards is, in a Grafana at an address. */
export function dashboardAddresses(names: readonly DashboardName[], grafana: string): Partial<Record<DashboardName, string>> {
  return Object.fromEntries(names.map((name) => [name, `${grafana}/d/${SPECS[name].uid}`]));
}

/** Every query of every dashboard and of its variables, whichever an environment chooses. */
export function dashboardQueries(): string[] {
  return Object.values(SPECS).flatMap(({ panels, variables = [] }) => [
    ...panels.flatMap((panel) => ("queries" in panel ? Object.values(panel.queries) : [])),
    ...variables.map(({ metric }) => metric),
  ]);
}
