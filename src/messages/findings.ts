import { type Localized, messages } from "../language.ts";

type State = "ok" | "warning" | "problem" | "skipped";

/** The result of a check: the command line shows it in the current language, the page of `evidence` in the page's. */
export const STATES: Localized<Readonly<Record<State, string>>> = {
  en: { ok: "ok", warning: "warning", problem: "problem", skipped: "not run" },
  es: { ok: "correcta", warning: "advertencia", problem: "problema", skipped: "no ejecutada" },
};

/** The same for several checks. */
const MANY: typeof STATES = {
  en: { ok: "ok", warning: "warnings", problem: "problems", skipped: "not run" },
  es: { ok: "correctas", warning: "advertencias", problem: "problemas", skipped: "no ejecutadas" },
};

/** The summary of the findings of doctor and verify. */
export const findings = messages({
  en: {
    checks: (count: number) => (count === 1 ? "1 check" : `${count} checks`),
    counted: (count: number, state: State) => `${count} ${count === 1 ? STATES.en[state] : MANY.en[state]}`,
  },
  es: {
    checks: (count) => (count === 1 ? "1 comprobación" : `${count} comprobaciones`),
    counted: (count, state) => `${count} ${count === 1 ? STATES.es[state] : MANY.es[state]}`,
  },
});
