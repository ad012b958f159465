import { type Budget, type Manifest, plannedBudget } from "../src/budget.ts";
import { EnvironmentError } from "../src/config/errors.ts";
import type { Environment } from "../src/config/load.ts";
import { retentionFits } from "../src/config/rules.ts";
import { configuration as words } from "../src/messages/imported.ts";
import { seriesFor } from "../src/monitoring/import/room.ts";
import { clashes, shippedIdentities } from "../src/monitoring/import/unique.ts";
import { createApp, type Manifests, manifests, objects } from "./app.ts";

/** An environment's manifests and what they ask for. */
export interface Synthesis {
  readonly environment: Environment;
  readonly files: Manifests;
  readonly budget: Budget;
}

/** Holds Prometheus' volume against what imported dashboards have stored besides. @throws EnvironmentError when it is too small */
function holdSamples({ config, imported, file }: Environment): void {
  const more = seriesFor(imported.map(({ metrics }) => metrics));
  const lacking = retentionFits(config, more).map(({ path, message }) => ({ path: path.join("."), message: words.series(message, more) }));
  if (lacking.length > 0) throw new EnvironmentError(file, lacking);
}

/** Compares the dashboards that Grafana is given. @throws EnvironmentError when two have one title or one uid */
function holdDashboards({ config, imported, file }: Environment): void {
  if (!config.monitoring.grafana || imported.length === 0) return;
  const shipped = shippedIdentities([config.language]).filter(({ name }) => config.monitoring.dashboards.some((one) => one === name));
  const found = clashes([...shipped, ...imported.map(({ name, dashboard: { title, uid } }) => ({ name, title, uid }))]);
  const problems = found.map(({ key, value, names }) => ({ path: "monitoring.imported", message: words.clash[key](value, names) }));
  if (problems.length > 0) throw new EnvironmentError(file, problems);
}

/**
 * Synthesises one environment in memory: a pure function of its file, so two runs give the same bytes.
 *
 * @throws EnvironmentError when imported dashboards ask for more than its volume holds, or two dashboards have one title or uid
 */
export function synthesise(environment: Environment): Synthesis {
  const { config } = environment;
  holdSamples(environment);
  holdDashboards(environment);
  const byChart = objects(createApp(environment));
  return {
    environment,
    files: manifests(byChart),
    budget: plannedBudget(config, [...byChart.values()].flat() as Manifest[]),
  };
}
