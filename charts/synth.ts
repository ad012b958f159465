import { type Budget, budget, type Manifest } from "../src/budget.ts";
import type { Environment } from "../src/config/load.ts";
import type { Resources } from "../src/config/resources.ts";
import { createApp, type Manifests, manifests, objects } from "./app.ts";

/** An environment's manifests and what they ask for. */
export interface Synthesis {
  readonly environment: Environment;
  readonly files: Manifests;
  readonly budget: Budget;
}

/** Synthesises one environment in memory: a pure function of its file, so two runs give the same bytes. */
export function synthesise(environment: Environment): Synthesis {
  const { config } = environment;
  const byChart = objects(createApp(environment));
  const bundled: Record<string, Resources> = config.facts.ingressController === "bundled" ? { traefik: config.resources.traefik } : {};
  return { environment, files: manifests(byChart), budget: budget([...byChart.values()].flat() as Manifest[], config.machine, bundled) };
}
