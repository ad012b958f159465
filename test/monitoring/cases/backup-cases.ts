import type { AlertCases } from "./case.ts";

const OF = 'instance="mysql-0",job="backups",unit="cloudnova"';
/** The last success of a kind, in seconds of promtool's clock, which begins at 0. */
const success = (kind: string, seconds: number) => ({
  [`cloudnova_backup_last_success_timestamp_seconds{${OF},kind="${kind}"}`]: `${seconds}x2400`,
});
const run = (kind: string, values: string) => ({ [`cloudnova_backup_last_run_success{${OF},kind="${kind}"}`]: values });

export const BACKUPS: AlertCases = {
  // Two hours after the start, against five: thirty hours and a half later the one is too old.
  BackupTooOld: { fires: success("backup", 7200), holds: success("backup", 18_000), at: "33h" },
  // The next run went well.
  BackupFailed: { fires: run("backup", "1x3 0x20"), holds: run("backup", "0x3 1x20"), at: "10m" },
  RestoreCheckFailed: { fires: run("check", "0x20"), holds: run("check", "1x20"), at: "10m" },
  BackupNotOffsite: { fires: success("offsite", 0), holds: success("offsite", 18_000), at: "33h" },
};
