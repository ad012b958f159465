import { type Language, pick } from "../../language.ts";
import { dashboardSpecs } from "../dashboards/index.ts";

/** What Grafana's provider compares of a dashboard. */
export interface Identity {
  /** The name in the environment file. */
  readonly name: string;
  readonly title: string;
  readonly uid: string;
}

/** Two dashboards that cannot both be provisioned. */
export interface Clash {
  readonly key: "title" | "uid";
  readonly value: string;
  readonly names: readonly [string, string];
}

/**
 * Dashboards with one title or one uid. While a provider has two such files, Grafana stores no new or changed dashboard of that
 * provider (grafana/grafana#39467, #127619): one clash stops them all.
 */
export function clashes(dashboards: readonly Identity[]): Clash[] {
  return dashboards.flatMap((one, index) =>
    dashboards
      .slice(index + 1)
      .flatMap((other) =>
        (["title", "uid"] as const)
          .filter((key) => one.name !== other.name && one[key].trim() === other[key].trim())
          .map((key): Clash => ({ key, value: one[key], names: [one.name, other.name] })),
      ),
  );
}

/** The shipped dashboards. @param languages both by default: an imported dashboard does not know its environment's */
export const shippedIdentities = (languages: readonly Language[] = ["es", "en"]): Identity[] =>
  dashboardSpecs().flatMap(([name, { uid, title }]) => languages.map((language) => ({ name, uid, title: pick(title, language) })));
