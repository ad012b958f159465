import { type Localized, messages } from "../language.ts";

type State = "ok" | "warning" | "problem" | "skipped";

/** The result of a check: the command line shows it in the current language, the page of `evidence` in the page's. */
export const STATES: Localized<Readonly<Record<State, string>>> = {
  en: { ok: "ok", warning: "warning", problem: "problem", skipped: "not run" },
  es: { ok: "correcto", warning: "advertencia", problem: "problema", skipped: "no ejecutado" },
};

/** The summary of the findings of doctor and verify. */
export const findings = messages({
  en: { checks: (count: number) => (count === 1 ? "1 check" : `${count} checks`), states: STATES.en },
  es: { checks: (count) => (count === 1 ? "1 comprobación" : `${count} comprobaciones`), states: STATES.es },
});
