import { z } from "zod";
import { ageRecipient, bucket, cronSchedule, label, longestGap, must, origin, quantity, storePrefix, subdomain } from "./units.ts";

const store = z.strictObject({
  endpoint: origin.meta({
    en: "Address of the store, such as https://s3.us-east-1.amazonaws.com",
    es: "Dirección del almacén, como https://s3.us-east-1.amazonaws.com",
  }),
  region: label.default("us-east-1").meta({ en: "Region of the bucket", es: "Región del bucket" }),
  bucket: bucket.meta({ en: "Bucket; it must exist", es: "Bucket; debe existir" }),
  prefix: storePrefix.default("cloudnova").meta({
    en: "What the names of objects begin with; ENVIRONMENT/NAMESPACE/ follows",
    es: "Comienzo de los nombres de los objetos; sigue ENTORNO/NAMESPACE/",
  }),
  pathStyle: z.boolean().default(false).meta({
    en: "Whether the bucket is part of the path and not of the host's name; most stores other than Amazon S3 need it",
    es: "Si el bucket va en la ruta y no en el nombre del host; casi todos los almacenes distintos de Amazon S3 lo necesitan",
  }),
  privateCa: z.boolean().default(false).meta({
    en: "Whether the Secret's key ca.crt holds the authority of the store's certificate",
    es: "Si la clave ca.crt del Secret contiene la autoridad del certificado del almacén",
  }),
  secret: subdomain.default("backup-store").meta({
    en: "Secret with the keys access-key, secret-key and perhaps session-token, in the namespace of each application too",
    es: "Secret con las claves access-key, secret-key y quizá session-token, también en el namespace de cada aplicación",
  }),
});

/** Backups of the databases, the applications' volumes and the Secrets; false turns them off. */
export const backups = z
  .union(
    [
      z.literal(false),
      z.strictObject({
        schedule: cronSchedule.default("17 2 * * *").meta({
          en: "When the backups run: minute, hour, day of the month, month, weekday (0 is Sunday), in alerting.timeZone. Those of applications follow ten minutes apart",
          es: "Cuándo se hacen los respaldos: minuto, hora, día del mes, mes, día de la semana (0 es domingo), en alerting.timeZone. Los de las aplicaciones siguen con diez minutos de diferencia",
        }),
        recipients: z
          .array(ageRecipient)
          .max(20)
          .refine((keys) => new Set(keys).size === keys.length, must("recipients"))
          .default([])
          .meta({
            en: "Your public keys of age: their private halves open the backups where this cluster no longer exists. `npx cloudnova backup key` makes a pair. Default: none",
            es: "Sus claves públicas de age: sus mitades privadas abren los respaldos cuando este clúster ya no existe. `npx cloudnova backup key` crea un par. Por defecto: ninguna",
          }),
        keep: z
          .strictObject({
            count: z.int().min(1).max(1000).default(14).meta({
              en: "Number of the newest backups that are kept at any age",
              es: "Cantidad de los respaldos más nuevos que se conservan a cualquier edad",
            }),
            days: z.int().min(1).max(3650).default(30).meta({
              en: "Days for which a backup is kept whatever their number",
              es: "Días que se conserva un respaldo, sea cual sea su cantidad",
            }),
          })
          .prefault({})
          .meta({
            en: "What is kept; the newest backup whose restore was checked is never deleted",
            es: "Lo que se conserva; el respaldo más nuevo con restauración comprobada nunca se elimina",
          }),
        volume: quantity.default("2Gi").meta({
          en: "Size of the volume with the backups, in each namespace that has data",
          es: "Tamaño del volumen con los respaldos, en cada namespace que tiene datos",
        }),
        pointInTime: z.boolean().default(false).meta({
          en: "Whether MySQL writes a binary log, by which the databases can be restored as they were at any time since a backup (docs/backups.md)",
          es: "Si MySQL escribe un log binario, con el que se restauran las bases de datos como estaban a cualquier hora desde un respaldo (docs/backups.es.md)",
        }),
        store: store.optional().meta({
          en: "An S3-compatible store for copies off this machine. Default: none",
          es: "Un almacén compatible con S3 para copias fuera de esta máquina. Por defecto: ninguno",
        }),
      }),
    ],
    must("backups"),
  )
  .prefault({});

/** Backups as an environment has them. */
export type Backups = Exclude<z.output<typeof backups>, false>;

/** How late a backup may be beside its schedule before it is too old: as late as a missed run starts (`HardenedCronJob`), seconds. */
const LATE_SECONDS = 6 * 3600;

/** The age at which the newest backup is too old, in seconds: the longest time between two runs, and six hours or as long again. */
export function tooOldSeconds({ schedule }: Pick<Backups, "schedule">): number {
  const gap = longestGap(schedule);
  return gap + Math.min(gap, LATE_SECONDS);
}

/** How long MySQL keeps its binary log, in seconds: from the last backup but one on, so that one that fails does no harm. */
export const logSeconds = (backups: Pick<Backups, "schedule">): number => 2 * tooOldSeconds(backups);

/** Minutes between the backups of two namespaces, so that they seldom run at once. */
const APART_MINUTES = 10;

/**
 * The schedule of one of several namespaces, ten minutes after the one before it. Where the minute is no plain number all run at once, and
 * the scheduler lets those wait for which there is no memory.
 *
 * @param index 0 for the environment's own namespace
 */
export function staggered(schedule: string, index: number): string {
  const [minute = "", hour = "", ...days] = schedule.split(" ");
  if (!/^\d+$/.test(minute)) return schedule;
  const later = Number(minute) + index * APART_MINUTES;
  const hours = Math.floor(later / 60);
  // Past midnight it would be another day of the month or of the week.
  if (hours > 0 && (!/^\d+$/.test(hour) || Number(hour) + hours > 23)) return schedule;
  return [later % 60, hours > 0 ? Number(hour) + hours : hour, ...days].join(" ");
}
