import { resolve } from "../../src/config/resolve.ts";
import { DASHBOARDS, environmentSchema } from "../../src/config/schema.ts";
import { type Language, pageName, pick } from "../../src/language.ts";
import { EVERYTHING } from "../../src/monitoring/parts.ts";
import { ruleGroups, SUBJECTS, type Subject } from "../../src/monitoring/rules/index.ts";
import type { Alert, RuleGroup } from "../../src/monitoring/rules/rule.ts";
import { ruleSettings } from "../../src/monitoring/rules/rule-settings.ts";
import { cell } from "./markdown.ts";

const WORDS = {
  en: {
    title: "Alerts",
    lead: (count: number) =>
      `${count} alerts, with the thresholds that an environment has unless it says otherwise. An environment has those of its parts: Webapp… of the sample, Application… of applications of yours. Each is fired once by promtool on a series that means it, and held on one that nearly does. In its page, what is in CAPITALS (POD, NAMESPACE, ADDRESS) is for you to replace: mostly the alert's labels say it. Made by \`npm run generate\`; do not edit.`,
    order:
      "While 5xx responses continue, WebappServerErrors (the application's count) and IngressServerErrors (Traefik's count, with its own 502, 503 and 504) fire first, after five minutes above 5 %; the error budget's alerts follow averages of an hour and more, so WebappErrorBudgetBurnsFast is earlier only where nearly every request fails, and while it fires WebappServerErrors is inhibited.",
    head: ["alert", "severity", "for", "what it says", "condition"],
    dashboard: "Dashboard",
    recorded: "Recorded for them",
  },
  es: {
    title: "Alertas",
    lead: (count: number) =>
      `${count} alertas, con los límites que tiene un entorno si no dice otra cosa. Un entorno tiene las de sus partes: Webapp… las de la aplicación de ejemplo, Application… las de las suyas. promtool dispara cada una con datos que deben dispararla, y comprueba que no se dispara con datos que quedan justo por debajo. En su página, lo que va en MAYÚSCULAS (POD, NAMESPACE, DIRECCIÓN) lo sustituye usted: casi siempre lo dicen las etiquetas de la alerta. Hecho con \`npm run generate\`; no se edita.`,
    order:
      "Mientras siguen las respuestas 5xx, WebappServerErrors (lo que cuenta la aplicación) e IngressServerErrors (lo que cuenta Traefik, con sus propios 502, 503 y 504) se disparan primero, tras cinco minutos por encima del 5 %; las alertas del presupuesto de errores siguen promedios de una hora o más, así que WebappErrorBudgetBurnsFast solo llega antes cuando falla casi toda petición, y mientras está activa inhibe WebappServerErrors.",
    head: ["alerta", "gravedad", "durante", "qué dice", "condición"],
    dashboard: "Tablero",
    recorded: "Grabado para ellas",
  },
};

/** What alerts say of a value, readable without Go's template. */
const readable = (text: string) => text.replaceAll(/{{\s*\$(?:labels\.)?(\w+)[^}]*}}/g, "‹$1›");

const alertNames = (groups: readonly RuleGroup[]) =>
  groups.flatMap(({ rules }) => rules.flatMap((rule) => ("alert" in rule ? [rule.alert] : [])));

/** docs/alerts.md: every alert by subject, with its condition, dashboard and runbook. */
export function alertsPage(language: Language, subjects: readonly Subject[] = SUBJECTS): string {
  const words = pick(WORDS, language);
  const config = resolve(environmentSchema.parse({ cluster: "k3s", language, machine: { memory: "2Gi", cpu: "2" } }));
  const dashboards = Object.fromEntries(DASHBOARDS.map((name) => [name, name]));
  const settings = { ...ruleSettings(config), parts: EVERYTHING, runbooks: "runbooks", dashboards };
  const groups = ruleGroups(settings, subjects);
  const row = ({ alert, labels, expr, annotations, ...rest }: Alert) =>
    `| ${[`[${alert}](${annotations.runbook_url})`, labels.severity, rest.for ?? "", cell(readable(annotations.summary)), `\`${cell(expr)}\``].join(" | ")} |`;
  const sections = groups.map(({ name, rules }) => {
    const own = rules.filter((rule): rule is Alert => "alert" in rule);
    const recorded = rules.flatMap((rule) => ("record" in rule ? [`- \`${rule.record}\`: \`${rule.expr}\``] : []));
    const dashboard = own[0]?.annotations.dashboard_url;
    return [
      `## ${name}`,
      "",
      ...(dashboard ? [`${words.dashboard}: [${dashboard}](${pageName("dashboards", language)}#${dashboard})`, ""] : []),
      `| ${words.head.join(" | ")} |`,
      "|---|---|---|---|---|",
      ...own.map(row),
      ...(recorded.length > 0 ? ["", `${words.recorded}:`, "", ...recorded] : []),
      "",
    ].join("\n");
  });
  return [`# ${words.title}`, "", words.lead(alertNames(groups).length), "", words.order, "", ...sections].join("\n");
}
