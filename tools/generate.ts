import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { jsonSchema } from "../src/config/explain.ts";
import { committedEnvironments, nameOf } from "../src/environments.ts";
import { keptSource } from "../src/monitoring/keep/derive.ts";
import { alertsPage } from "./generate/alerts-page.ts";
import { configurationPage } from "./generate/configuration-page.ts";
import { dashboardsPage } from "./generate/dashboards-page.ts";
import { drillsPage } from "./generate/drills-page.ts";
import { argoCd, flux, readRepository } from "./generate/gitops.ts";
import { rbacPage } from "./generate/rbac-page.ts";

const recorded = () => JSON.parse(readFileSync("docs/drills.json", "utf8"));

/** The manifests with which Argo CD and Flux read each environment's folder in dist/. */
function gitopsFiles(): Record<string, () => string> {
  const repository = (() => {
    try {
      return readRepository();
    } catch (error) {
      console.error((error as Error).message);
      process.exit(1);
    }
  })();
  const files = committedEnvironments()
    .map(nameOf)
    .flatMap((name) => [
      [`gitops/argo-cd/${name}.yaml`, () => argoCd(name, repository)],
      [`gitops/flux/${name}.yaml`, () => flux(name, repository)],
    ]);
  return Object.fromEntries(files);
}

/** The files that are made from the sources, by path. Committed, never edited; `--check` fails when one is out of date. */
const FILES: Readonly<Record<string, () => string>> = {
  "environments/schema.json": () => `${JSON.stringify(jsonSchema(), undefined, 2)}\n`,
  "docs/configuration.md": () => configurationPage("en"),
  "docs/configuration.es.md": () => configurationPage("es"),
  "docs/drills.md": () => drillsPage(recorded(), "en"),
  "docs/drills.es.md": () => drillsPage(recorded(), "es"),
  "src/monitoring/keep/kept.ts": () => keptSource(),
  "docs/alerts.md": () => alertsPage("en"),
  "docs/alerts.es.md": () => alertsPage("es"),
  "docs/dashboards.md": () => dashboardsPage("en"),
  "docs/dashboards.es.md": () => dashboardsPage("es"),
  "docs/rbac.md": () => rbacPage("en"),
  "docs/rbac.es.md": () => rbacPage("es"),
  ...gitopsFiles(),
};

function current(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

const check = process.argv.includes("--check");
const stale = Object.entries(FILES).filter(([file, make]) => current(file) !== make());
for (const [file, make] of stale) {
  if (!check) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, make());
  }
  console.log(`${file}: ${check ? "out of date; run npm run generate" : "written"}`);
}
if (check && stale.length > 0) process.exitCode = 1;
else console.log(`${Object.keys(FILES).length} generated files are up to date`);
