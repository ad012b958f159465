import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import { Client } from "../src/cluster/transport/client.ts";
import { connect } from "../src/cluster/transport/connection.ts";
import { openPrometheus } from "../src/cluster/transport/prometheus-client.ts";
import { findBrowser, photograph } from "../src/evidence/browser.ts";
import { boardView, spanOf } from "../src/evidence/panels.ts";
import { dashboardSpecs } from "../src/monitoring/dashboards/index.ts";
import { dashboardJson } from "../src/monitoring/dashboards/panel.ts";
import { withTemporaryFolder } from "./common/temporary.ts";
import { isPictured, pictureOf } from "./generate/dashboards-page.ts";
import { boardPage } from "./pictures/page.ts";

/** As much of a dashboard as fits a screen or two, in pixels. */
const SIZE = { width: 1200, height: 1500 };

interface Options {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace: string;
  readonly range: string;
  readonly scrapeInterval: string;
}

const command = new Command("pictures")
  .description("Draws the top of every dashboard from a running environment's Prometheus into docs/images/dashboards, in both languages.")
  .option("--kubeconfig <file>", "kubeconfig file; default: $KUBECONFIG, then ~/.kube/config")
  .option("--context <name>", "context of the kubeconfig")
  .option("--namespace <name>", "namespace of the environment", "cloudnova")
  .option("--range <duration>", "how far back graphs reach", "1h")
  .option("--scrape-interval <duration>", "the environment's interval", "15s")
  .action(async ({ kubeconfig = process.env.KUBECONFIG, context, namespace, range, scrapeInterval }: Options) => {
    const browser = findBrowser(process.env);
    if (!browser) throw new Error("no Chromium on this machine: install one, or name it in $CHROMIUM");
    const client = new Client(await connect({ kubeconfig, context }));
    const { api: server, close } = await openPrometheus(client, namespace);
    const span = spanOf(new Date(), range, scrapeInterval);
    try {
      await withTemporaryFolder(async (folder) => {
        for (const language of ["en", "es"] as const) {
          for (const [name, spec] of dashboardSpecs().filter(([, one]) => isPictured(one))) {
            const page = join(folder, `${name}.html`);
            writeFileSync(page, boardPage(await boardView(name, dashboardJson(spec, language), server, span), language));
            const file = join("docs", pictureOf(name, language));
            mkdirSync(dirname(file), { recursive: true });
            writeFileSync(file, await photograph(browser, { url: pathToFileURL(page).href, language, ...SIZE }));
            console.log(file);
          }
        }
      });
    } finally {
      await close();
      client.close();
    }
  });

await command.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
