import { backupAge, DAILY_BACKUP_TOO_OLD } from "../expressions.ts";
import { type DashboardSpec, lines, number } from "./panel.ts";

const HOUR = 3600;
/** Daily backups: late after a day, an alert after thirty hours. */
const AGE = { thresholds: { yellow: 25 * HOUR, red: DAILY_BACKUP_TOO_OLD }, width: 6 };

/** How old the backups are, whether they were restored on trial, how large they are and how long they take. */
export const backups: DashboardSpec = {
  uid: "cloudnova-backups",
  title: { es: "Respaldos", en: "Backups" },
  needs: "backups",
  panels: [
    number(
      { es: "Antigüedad del último respaldo", en: "Age of the last backup" },
      "s",
      {
        es: "Tiempo desde el último respaldo que se completó, por namespace. Décadas: todavía no hay ninguno.",
        en: "Time since the last backup that was completed, by namespace. Decades: there is none yet.",
      },
      { "{{unit}}": backupAge("backup") },
      AGE,
    ),
    number(
      { es: "Última restauración de prueba correcta", en: "Last good restore on trial" },
      "s",
      {
        es: "Tiempo desde la última vez que un respaldo se restauró como prueba y todo fue igual. Décadas: nunca.",
        en: "Time since a backup was last restored on trial and everything was equal. Decades: never.",
      },
      { "{{unit}}": backupAge("check") },
      AGE,
    ),
    {
      ...number(
        { es: "Antigüedad de la copia externa", en: "Age of the copy outside" },
        "s",
        {
          es: "Tiempo desde la última copia en el almacén, por namespace. Décadas: nunca.",
          en: "Time since the last copy on the store, by namespace. Decades: never.",
        },
        { "{{unit}}": backupAge("offsite") },
        AGE,
      ),
      needs: "store",
    },
    number(
      { es: "Resultado de la última ejecución", en: "Result of the last run" },
      "short",
      {
        es: "1: terminó bien; 0: falló. Respaldo (backup), restauración de prueba (check) y copia externa (offsite).",
        en: "1: ended well; 0: failed. Backup, restore on trial (check) and copy outside (offsite).",
      },
      { "{{unit}} {{kind}}": "min by(unit, kind) (cloudnova_backup_last_run_success)" },
      { thresholds: { yellow: 1, red: 0.5 }, width: 6 },
    ),
    lines(
      { es: "Tamaño del respaldo", en: "Size of the backup" },
      "bytes",
      { es: "Tamaño del último respaldo, comprimido y cifrado.", en: "Size of the last backup, compressed and encrypted." },
      { "{{unit}}": "max by(unit) (cloudnova_backup_size_bytes)" },
      { width: 12 },
    ),
    lines(
      { es: "Duración", en: "Duration" },
      "s",
      {
        es: "Cuánto tardó la última ejecución: respaldo (backup), restauración de prueba (check), copia externa (offsite).",
        en: "How long the last run took: backup, restore on trial (check), copy outside (offsite).",
      },
      { "{{unit}} {{kind}}": "max by(unit, kind) (cloudnova_backup_duration_seconds)" },
      { width: 12 },
    ),
    number(
      { es: "Exporter de resultados", en: "Exporter of the results" },
      "short",
      {
        es: "1: lee los resultados en MySQL; 0: MySQL no responde.",
        en: "1: it reads the results in MySQL; 0: MySQL does not answer.",
      },
      { "{{instance}}": "min by(instance) (cloudnova_backup_up)" },
      { thresholds: { yellow: 1, red: 0.5 }, width: 6 },
    ),
    number(
      { es: "Último respaldo incompleto", en: "Last backup incomplete" },
      "short",
      {
        es: "0: completo; 1: los datos están, y algo del monitoreo no se pudo leer. El log de la ejecución dice qué.",
        en: "0: complete; 1: the data is there, and something of the monitoring could not be read. The run's log says what.",
      },
      { "{{unit}}": "max by(unit) (cloudnova_backup_incomplete)" },
      { thresholds: { yellow: 1, red: 2 }, width: 6 },
    ),
  ],
};
