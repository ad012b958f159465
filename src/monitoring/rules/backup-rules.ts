import { backupAge, DAILY_BACKUP_TOO_OLD } from "../expressions.ts";
import { EVERYTHING } from "../parts.ts";
import { alert, NUMBER, type RuleGroup, type RuleSettings, SPAN } from "./rule.ts";

const failed = (kind: string) => `max by(unit) (cloudnova_backup_last_run_success{kind="${kind}"}) == 0`;

/** The backups, from the exporter of their results. What never was has the time 0, so it is too old from the start. */
export function backupRules(settings: RuleSettings): RuleGroup {
  const { backupTooOld = DAILY_BACKUP_TOO_OLD, parts = EVERYTHING } = settings;
  const hours = Math.round(backupTooOld / 3600);
  const offsite = alert("BackupNotOffsite", settings, {
    expr: `${backupAge("offsite")} > ${backupTooOld}`,
    // The first copy of a new environment is there within minutes.
    for: "30m",
    severity: "warning",
    summary: {
      es: "La copia externa de los respaldos de {{ $labels.unit }} es vieja",
      en: "The copy outside of the backups of {{ $labels.unit }} is old",
    },
    description: {
      es: `La última copia en el almacén se hizo hace ${SPAN} (límite: ${hours} h; décadas: nunca).`,
      en: `The last copy on the store was made ${SPAN} ago (limit: ${hours} h; decades: never).`,
    },
  });
  return {
    name: "backups",
    rules: [
      alert("BackupTooOld", settings, {
        expr: `${backupAge("backup")} > ${backupTooOld}`,
        for: "30m",
        severity: "critical",
        summary: { es: "El último respaldo de {{ $labels.unit }} es viejo", en: "The last backup of {{ $labels.unit }} is old" },
        description: {
          es: `El último respaldo que se completó se hizo hace ${SPAN} (límite: ${hours} h; décadas: nunca).`,
          en: `The last backup that was completed was made ${SPAN} ago (limit: ${hours} h; decades: never).`,
        },
      }),
      alert("BackupFailed", settings, {
        expr: failed("backup"),
        for: "1m",
        severity: "warning",
        summary: { es: "Falló el respaldo de {{ $labels.unit }}", en: "The backup of {{ $labels.unit }} failed" },
        description: {
          es: `La última ejecución terminó con un error (cloudnova_backup_last_run_success ${NUMBER}); los respaldos anteriores se conservan.`,
          en: `The last run ended with an error (cloudnova_backup_last_run_success ${NUMBER}); the backups before it are kept.`,
        },
      }),
      alert("RestoreCheckFailed", settings, {
        expr: failed("check"),
        for: "1m",
        severity: "critical",
        summary: {
          es: "No se pudo restaurar como prueba el respaldo de {{ $labels.unit }}",
          en: "The backup of {{ $labels.unit }} could not be restored on trial",
        },
        description: {
          es: `La última restauración de prueba falló o difiere del respaldo (cloudnova_backup_last_run_success ${NUMBER}): no se sabe si los respaldos se pueden restaurar.`,
          en: `The last restore on trial failed or differs from the backup (cloudnova_backup_last_run_success ${NUMBER}): it is not known whether the backups can be restored.`,
        },
      }),
      ...(parts.store ? [offsite] : []),
    ],
  };
}
