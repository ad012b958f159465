import type { Language } from "../../src/monitoring/rules/rule.ts";

/** The pages about monitoring, as they link to each other. */
export const PAGES: Readonly<Record<"alerts" | "dashboards", Readonly<Record<Language, string>>>> = {
  alerts: { en: "alerts.md", es: "alertas.md" },
  dashboards: { en: "dashboards.md", es: "tableros.md" },
};

/** Text as a table's cell: a bar would end it. */
export const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
