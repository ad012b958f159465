import { z } from "zod";
import { percent } from "./units.ts";

/** A HorizontalPodAutoscaler. */
export const autoscaling = z
  .strictObject({
    maxReplicas: z
      .int()
      .min(2)
      .max(20)
      .meta({ en: "Upper bound; replicas is the lower one", es: "Límite superior; el inferior es replicas" }),
    cpu: percent
      .min(1)
      .default(70)
      .meta({ en: "Mean CPU use, in % of the request, that is aimed at", es: "Uso medio de CPU que se busca, en % de lo solicitado" }),
  })
  .optional()
  .meta({
    en: "HorizontalPodAutoscaler; needs metrics-server. Default: off",
    es: "HorizontalPodAutoscaler; necesita metrics-server. Por defecto: desactivado",
  });

/** What an autoscaler is given. */
export type Autoscaling = NonNullable<z.output<typeof autoscaling>>;

/** The settings of the sample application: the Flask application in webapp/. */
export const sample = z.strictObject({
  replicas: z.int().min(1).max(20).optional().meta({
    en: "Instances among which the Ingress balances. Default: 1 on a machine below 3 GiB, 2 on a larger one",
    es: "Instancias entre las que el Ingress reparte. Por defecto: 1 en una máquina de menos de 3 GiB, 2 en una mayor",
  }),
  autoscaling,
  writeAccess: z.enum(["open", "login"]).optional().meta({
    en: "Who may change users. Default: open on kind, login elsewhere",
    es: "Quién puede cambiar usuarios. Por defecto: open en kind, login en los demás",
  }),
  faultInjection: z.boolean().default(false).meta({
    en: "Answer /debug/* (with a token), for alert drills",
    es: "Responder en /debug/* (con un token), para simulacros de alertas",
  }),
  workers: z.int().min(1).max(16).default(1).meta({
    en: "gunicorn worker processes of one replica; each after the first adds 13.4 MiB to the default memory of webapp",
    es: "Procesos de gunicorn de una réplica; cada uno después del primero suma 13,4 MiB a la memoria por defecto de webapp",
  }),
  threads: z.int().min(2).max(64).default(4).meta({ en: "Threads of one worker", es: "Hilos de un proceso" }),
});
