import { z } from "zod";
import { ipv4, label, labelKey, labelValue, must, port, requestPath } from "./units.ts";

const target = z
  .strictObject({
    namespace: label.optional().meta({
      en: "Namespace of the pods, which is neither the environment's nor an application's",
      es: "Namespace de los pods, que no es el del entorno ni el de una aplicación",
    }),
    pods: z.record(labelKey, labelValue).optional().meta({
      en: "Labels of the pods; each pod that has all of them is a target",
      es: "Etiquetas de los pods; cada pod que las tiene todas es un objetivo",
    }),
    address: ipv4.optional().meta({
      en: "IPv4 address of a machine that is the target, in place of namespace and pods",
      es: "Dirección IPv4 de una máquina que es el objetivo, en lugar de namespace y pods",
    }),
    port: port.meta({ en: "Port of the metrics", es: "Puerto de las métricas" }),
    path: requestPath.default("/metrics").meta({ en: "Path of the metrics", es: "Ruta de las métricas" }),
  })
  .refine(
    ({ namespace, pods = {}, address }) =>
      address === undefined
        ? namespace !== undefined && Object.keys(pods).length > 0
        : namespace === undefined && Object.keys(pods).length === 0,
    must("scrapeTarget"),
  );

/** `monitoring.scrape`: targets of Prometheus that are not of this project, by the name of their job. */
export const scrape = z.record(label.max(40), target).default({}).meta({
  en: "Targets of Prometheus that CloudNova did not start, by the name of their job (docs/guides/add-a-scrape-target.md)",
  es: "Objetivos de Prometheus que CloudNova no inició, por el nombre de su job (docs/guides/add-a-scrape-target.es.md)",
});

/** A target of the user's: pods in a namespace, or a machine. */
export type ScrapeTarget = z.output<typeof target>;

interface Exporting {
  readonly applications: readonly { readonly name: string; readonly metrics?: unknown }[];
  readonly monitoring: { readonly scrape: Readonly<Record<string, ScrapeTarget>> };
}

/** Names of what exports metrics that are not known: applications with metrics of their own, and targets that are not ours. */
export const exporting = ({ applications, monitoring }: Exporting) => ({
  applications: applications.flatMap(({ name, metrics }) => (metrics ? [name] : [])),
  targets: Object.keys(monitoring.scrape),
});
