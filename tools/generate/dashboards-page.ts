import { type Language, pick } from "../../src/language.ts";
import { dashboardSpecs } from "../../src/monitoring/dashboards/index.ts";
import { LEFT_OUT, type LeftOut, NOT_EXPORTED } from "../../src/monitoring/dashboards/left-out.ts";
import { type DashboardSpec, type PanelSpec, queriesOf } from "../../src/monitoring/dashboards/panel.ts";
import { cell } from "./markdown.ts";

const WORDS = {
  en: {
    title: "Dashboards",
    lead: (panels: number, queries: number) =>
      `${panels} panels with ${queries} queries. \`cloudnova queries\` asks each of them of the running Prometheus; all must have data. Made by \`npm run generate\`; do not edit.`,
    pictures:
      "The pictures are **not Grafana's**: our own renderer drew the top of each dashboard from the live Prometheus of the kind cluster of the tests (`npm run pictures`), where Grafana's server cannot be had. Figures, units, thresholds and order are the dashboard's; Grafana's look is not.",
    held: [
      "Grafana's own server cannot be had on the machine where this was made: **no dashboard here was ever seen in it.** `npm test` holds each one against the types that Grafana publishes with the deployed version, and what its chart writes against the settings that Grafana documents. On a machine that can pull its image",
      "",
      "    npm run e2e:grafana -- kind                                   # or --context NAME, --kubeconfig FILE",
      "    GRAFANA_PASSWORD=… npm run e2e:grafana -- kind --url http://127.0.0.1:3000",
      "",
      "asks a running Grafana by its own API for its version, the data source and its health, every dashboard with its folder and panels, and the data of each query as its panel asks for it; takes a picture of every dashboard into `build/grafana/`; and ends with 1 when anything differs. That command **never ran against Grafana's server** either, only against one of ours that answers as its API is documented to.",
    ].join("\n"),
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
      "Las imágenes **no son de Grafana**: nuestro propio programa de dibujo trazó la parte de arriba de cada tablero con datos del Prometheus vivo del clúster kind de las pruebas (`npm run pictures`), donde no se puede tener el servidor de Grafana. Cifras, unidades, límites y orden son los del tablero; el aspecto de Grafana, no.",
    held: [
      "El servidor de Grafana no se puede tener en la máquina donde se hizo esto: **ningún tablero de aquí se vio nunca en él.** `npm test` compara cada uno con los tipos que Grafana publica con la versión desplegada, y lo que escribe su chart con los ajustes que Grafana documenta. En una máquina que pueda obtener su imagen,",
      "",
      "    npm run e2e:grafana -- kind                                   # o --context NOMBRE, --kubeconfig ARCHIVO",
      "    GRAFANA_PASSWORD=… npm run e2e:grafana -- kind --url http://127.0.0.1:3000",
      "",
      "pregunta a un Grafana en marcha, por su propia API, por su versión, la fuente de datos y su salud, cada tablero con su carpeta y sus paneles, y los datos de cada consulta tal como la hace su panel; toma una imagen de cada tablero en `build/grafana/`; y termina con 1 si algo difiere. Ese comando **tampoco se ha ejecutado nunca contra el servidor de Grafana**, solo contra uno nuestro que responde como documenta su API.",
    ].join("\n"),
    head: ["panel", "muestra", "clase", "unidad", "consultas"],
    leftOut: "Lo que se deja fuera de Node Exporter Full (1860)",
    exported: "Lo exporta la máquina y ningún panel lo muestra. Todo lo demás que exporta se muestra.",
    absent: "Una máquina pequeña en la nube no lo exporta:",
    columns: ["métricas", "por qué"],
  },
};

/** Whether a dashboard has a picture: the environment of the pictures runs the sample application alone, and made no backups when they were drawn. */
export const isPictured = ({ needs }: DashboardSpec): boolean => needs !== "applications" && needs !== "backups";

/** Where a dashboard's picture lies, from docs/. */
export const pictureOf = (name: string, language: Language) => `images/dashboards/${name}.${language}.webp`;

const leftOutTable = (list: readonly LeftOut[], language: Language) => [
  `| ${pick(WORDS, language).columns.join(" | ")} |`,
  "|---|---|",
  ...list.map(({ metrics, why }) => `| \`${cell(metrics.source)}\` | ${pick(why, language)} |`),
  "",
];

/** docs/dashboards.md: every dashboard with its picture and panels, and what the node's dashboards leave out. */
export function dashboardsPage(language: Language): string {
  const words = pick(WORDS, language);
  const specs = dashboardSpecs();
  const panels = specs.flatMap(([, { panels: all }]) => all.filter((panel): panel is PanelSpec => "kind" in panel));
  const queries = panels.reduce((sum, panel) => sum + Object.keys(queriesOf(panel)).length, 0);
  const row = (panel: PanelSpec) =>
    `| ${[pick(panel.title, language), pick(panel.description, language), panel.kind, panel.unit, Object.keys(queriesOf(panel)).length].join(" | ")} |`;
  const picture = (name: string, spec: DashboardSpec) =>
    isPictured(spec) ? [`![${pick(spec.title, language)}](${pictureOf(name, language)})`, ""] : [];
  const sections = specs.flatMap(([name, spec]) => [
    `<a id="${name}"></a>`,
    "",
    `## ${pick(spec.title, language)}`,
    "",
    ...picture(name, spec),
    `| ${words.head.join(" | ")} |`,
    "|---|---|---|---|---|",
    ...spec.panels.map((panel) => ("heading" in panel ? `| **${pick(panel.heading, language)}** | | | | |` : row(panel))),
    "",
  ]);
  return [
    `# ${words.title}`,
    "",
    words.lead(panels.length, queries),
    "",
    words.pictures,
    "",
    words.held,
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
