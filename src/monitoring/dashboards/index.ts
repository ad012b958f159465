import type { DASHBOARDS } from "../../config/schema.ts";
import type { Language } from "../rules/rule.ts";
import { overview } from "./overview.ts";
import { type DashboardSpec, dashboardJson } from "./panel.ts";
import { prometheus } from "./prometheus.ts";
import { system } from "./system.ts";

type DashboardName = (typeof DASHBOARDS)[number];

/** A dashboard as Grafana reads it. */
export interface NamedDashboard {
  /** The name in the environment file and in its ConfigMap's. */
  readonly name: DashboardName;
  readonly json: string;
}

const SPECS: Readonly<Record<DashboardName, DashboardSpec>> = { overview, system, prometheus };

/** The chosen dashboards, in the environment's language. */
export function dashboards(names: readonly DashboardName[], language: Language): NamedDashboard[] {
  return names.map((name) => ({ name, json: dashboardJson(SPECS[name], language) }));
}

/** Every query of every dashboard, whichever an environment chooses. */
export function dashboardQueries(): string[] {
  return Object.values(SPECS).flatMap(({ panels }) => panels.flatMap(({ queries }) => Object.values(queries)));
}
