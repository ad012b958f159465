import { type Language, messages } from "../language.ts";

type State = "ok" | "warning" | "problem" | "skipped";

/** How a check ended: said on the command line in the language of the moment, on the page of `evidence` in the page's. */
export const STATES: Readonly<Record<Language, Readonly<Record<State, string>>>> = {
  en: { ok: "ok", warning: "warning", problem: "problem", skipped: "not run" },
  es: { ok: "bien", warning: "por revisar", problem: "mal", skipped: "sin ejecutar" },
};

/** How the findings of doctor and verify are summed up. */
export const findings = messages({
  en: { checks: (count: number) => (count === 1 ? "1 check" : `${count} checks`), states: STATES.en },
  es: { checks: (count) => (count === 1 ? "1 comprobación" : `${count} comprobaciones`), states: STATES.es },
});
