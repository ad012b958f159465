import { type Budget, type Manifest, plannedBudget } from "../src/budget.ts";
import { EnvironmentError } from "../src/config/errors.ts";
import type { Environment } from "../src/config/load.ts";
import { retentionFits } from "../src/config/rules.ts";
import { exporting } from "../src/config/scrape.ts";
import { configuration as words } from "../src/messages/imported.ts";
import { own as ownWords } from "../src/messages/own-rules.ts";
import { seriesFor } from "../src/monitoring/import/room.ts";
import { clashes, shippedIdentities } from "../src/monitoring/import/unique.ts";
import { keptMetrics } from "../src/monitoring/keep/index.ts";
import { ruleGroups } from "../src/monitoring/rules/index.ts";
import { ruleSettings } from "../src/monitoring/rules/rule-settings.ts";
import { createApp, type Manifests, type Metrics, manifests, objects } from "./app.ts";

/** An environment's manifests and what they ask for. */
export interface Synthesis {
  readonly environment: Environment;
  readonly files: Manifests;
  readonly budget: Budget;
}

/**
 * Holds rules of the user's against Prometheus' language and what the environment stores.
 *
 * @returns the metrics that they ask for
 * @throws EnvironmentError that names each wrong rule of a file
 */
function holdRules({ config, rules, file }: Environment): Metrics {
  if (rules.length === 0) return {};
  const ours = new Set(ruleGroups(ruleSettings(config)).map(({ name }) => name));
  const taken = rules.flatMap(({ groups }) => groups.filter(({ name }) => ours.has(name)));
  if (taken.length > 0) {
    const problems = taken.map(({ name }) => ({ path: "monitoring.rules", message: ownWords.groupTaken(name) }));
    throw new EnvironmentError(file, problems);
  }
  // Its parser costs every start some hundredths of a second, and few environments have rules of their own.
  const { checkOwnRules } = require("../src/monitoring/own-rules.ts") as typeof import("../src/monitoring/own-rules.ts");
  const { metrics, problems } = checkOwnRules(rules, exporting(config));
  for (const [where, found] of problems) throw new EnvironmentError(where, found);
  return metrics;
}

/** Holds imported dashboards against the applications whose metrics they show. @throws EnvironmentError where one exports none */
function holdOwnMetrics({ config, imported, file }: Environment): void {
  const { applications, targets } = exporting(config);
  const known = [...applications, ...targets];
  const problems = imported.flatMap(({ name, metrics }) =>
    Object.keys(metrics)
      .filter((job) => keptMetrics(job).length === 0 && !known.includes(job))
      .map((job) => ({ path: "monitoring.imported", message: ownWords.noMetrics(name, job) })),
  );
  if (problems.length > 0) throw new EnvironmentError(file, problems);
}

/** Holds Prometheus' volume against what imported dashboards have stored besides. @throws EnvironmentError when it is too small */
function holdSamples({ config, imported, file }: Environment, asked: Metrics): void {
  const more = seriesFor([...imported.map(({ metrics }) => metrics), asked]);
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
  const asked = holdRules(environment);
  holdSamples(environment, asked);
  holdDashboards(environment);
  holdOwnMetrics(environment);
  const byChart = objects(createApp(environment, asked));
  return {
    environment,
    files: manifests(byChart),
    budget: plannedBudget(config, [...byChart.values()].flat() as Manifest[]),
  };
}
