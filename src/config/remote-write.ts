import { z } from "zod";
import { authorityObject } from "./database.ts";
import { must, subdomain, webAddress } from "./units.ts";

const receiver = z
  .strictObject({
    url: webAddress.meta({
      en: "Address to which the samples are written, such as https://metrics.example.com/api/v1/write",
      es: "Dirección a la que se escriben las muestras, por ejemplo https://metrics.example.com/api/v1/write",
    }),
    basicAuth: subdomain.optional().meta({
      en: "Secret with username and password, in the environment's namespace. Default: none",
      es: "Secret con username y password, en el namespace del entorno. Por defecto: ninguno",
    }),
    bearer: subdomain.optional().meta({
      en: "Secret with token, in the environment's namespace. Default: none",
      es: "Secret con token, en el namespace del entorno. Por defecto: ninguno",
    }),
    ca: authorityObject.optional().meta({
      en: "Authority of its certificate. Default: those that Prometheus' image knows",
      es: "Autoridad de su certificado. Por defecto: las que conoce la imagen de Prometheus",
    }),
  })
  .refine(({ basicAuth, bearer }) => basicAuth === undefined || bearer === undefined, must("oneLogin"));

/** `monitoring.remoteWrite`: other servers that get every sample. */
export const remoteWrite = z.array(receiver).max(5).default([]).meta({
  en: "Prometheus servers and services elsewhere to which every stored sample is written, too (docs/guides/scaling.md)",
  es: "Servidores Prometheus y servicios en otro lugar a los que también se escribe cada muestra guardada (docs/guides/scaling.es.md)",
});

/** A receiver of samples. */
export type Receiver = z.output<typeof receiver>;

/** The port at which a receiver answers. */
export function receiverPort({ url }: Pick<Receiver, "url">): number {
  const { port, protocol } = new URL(url);
  return Number(port) || (protocol === "https:" ? 443 : 80);
}
