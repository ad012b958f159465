import { messages } from "../language.ts";

/** How the findings of doctor and verify are summed up. */
export const findings = messages({
  en: {
    checks: (count: number) => (count === 1 ? "1 check" : `${count} checks`),
    states: { ok: "ok", warning: "warning", problem: "problem", skipped: "not run" },
  },
  es: {
    checks: (count) => (count === 1 ? "1 comprobación" : `${count} comprobaciones`),
    states: { ok: "bien", warning: "por revisar", problem: "mal", skipped: "sin ejecutar" },
  },
});
