import { dashboardSpecs } from "../../src/monitoring/dashboards/index.ts";
import { LEFT_OUT, type LeftOut, NOT_EXPORTED } from "../../src/monitoring/dashboards/left-out.ts";
import { type PanelSpec, queriesOf } from "../../src/monitoring/dashboards/panel.ts";
import type { Language } from "../../src/monitoring/rules/rule.ts";
import { cell } from "./markdown.ts";

const WORDS = {
  en: {
    title: "Dashboards",
    lead: (panels: number, queries: number) =>
      `${panels} panels with ${queries} queries. \`cloudnova queries\` asks each of them of the running Prometheus; all must have data. Made by \`npm run generate\`; do not edit.`,
    pictures:
      "The pictures are **not Grafana's**: our own renderer drew the top of each dashboard from the live Prometheus of the self-built node (`npm run pictures`), where Grafana's server cannot be had. Figures, units, thresholds and order are the dashboard's; Grafana's look is not.",
    head: ["panel", "shows", "kind", "unit", "queries"],
    leftOut: "What of Node Exporter Full (1860) is left out",
    exported: "Exported by the machine, and shown by no panel. Everything else that its exporter exports is shown.",
    absent: "Not exported by a small machine in the cloud:",
    columns: ["metrics", "why"],
  },
  es: {
    title: "Tableros",
    lead: (panels: number, queries: number) =>
      `${panels} paneles con ${queries} consultas. \`cloudnova queries\` las hace todas al Prometheus en marcha; todas deben tener datos. Hecho con \`npm run generate\`; no se edita.`,
    pictures:
      "Las imágenes **no son de Grafana**: nuestro propio dibujante trazó la parte de arriba de cada tablero con datos del Prometheus vivo del nodo propio (`npm run pictures`), donde no se puede tener el servidor de Grafana. Cifras, unidades, límites y orden son los del tablero; el aspecto de Grafana, no.",
    head: ["panel", "muestra", "clase", "unidad", "consultas"],
    leftOut: "Lo que se deja fuera de Node Exporter Full (1860)",
    exported: "Lo exporta la máquina y ningún panel lo muestra. Todo lo demás que exporta se muestra.",
    absent: "Una máquina pequeña en la nube no lo exporta:",
    columns: ["métricas", "por qué"],
  },
} as const satisfies Record<Language, object>;

/** Where a dashboard's picture lies, from docs/. */
export const pictureOf = (name: string, language: Language) => `images/dashboards/${name}.${language}.webp`;

const leftOutTable = (list: readonly LeftOut[], language: Language) => [
  `| ${WORDS[language].columns.join(" | ")} |`,
  "|---|---|",
  ...list.map(({ metrics, why }) => `| \`${cell(metrics.source)}\` | ${why[language]} |`),
  "",
];

/** docs/dashboards.md: every dashboard with its picture and panels, and what the node's dashboards leave out. */
export function dashboardsPage(language: Language): string {
  const words = WORDS[language];
  const specs = dashboardSpecs();
  const panels = specs.flatMap(([, { panels: all }]) => all.filter((panel): panel is PanelSpec => "kind" in panel));
  const queries = panels.reduce((sum, panel) => sum + Object.keys(queriesOf(panel)).length, 0);
  const row = (panel: PanelSpec) =>
    `| ${[panel.title[language], panel.description[language], panel.kind, panel.unit, Object.keys(queriesOf(panel)).length].join(" | ")} |`;
  const sections = specs.flatMap(([name, { title, panels: all }]) => [
    `<a id="${name}"></a>`,
    "",
    `## ${title[language]}`,
    "",
    `![${title[language]}](${pictureOf(name, language)})`,
    "",
    `| ${words.head.join(" | ")} |`,
    "|---|---|---|---|---|",
    ...all.map((panel) => ("heading" in panel ? `| **${panel.heading[language]}** | | | | |` : row(panel))),
    "",
  ]);
  return [
    `# ${words.title}`,
    "",
    words.lead(panels.length, queries),
    "",
    words.pictures,
    "",
    ...sections,
    `## ${words.leftOut}`,
    "",
    words.exported,
    "",
    ...leftOutTable(LEFT_OUT, language),
    words.absent,
    "",
    ...leftOutTable(NOT_EXPORTED, language),
  ].join("\n");
}
