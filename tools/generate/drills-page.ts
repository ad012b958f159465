import { ALERTS_WITHOUT_DRILL, CATALOGUE } from "../../src/drill/catalogue.ts";
import type { DrillResult } from "../../src/drill/drill-run.ts";
import { type Language, pageName, pick, setLocale } from "../../src/language.ts";
import { drillWords, type ReasonWithoutDrill } from "../../src/messages/drill.ts";

/** A run of all drills, as `npm run record:drills` writes it. */
export interface Recorded {
  readonly environment: string;
  readonly commit: string;
  readonly began: string;
  readonly ended: string;
  readonly drills: readonly DrillResult[];
}

const WORDS = {
  en: {
    title: "Alert drills",
    other: "[Español](drills.es.md)",
    intro: [
      "`cloudnova drill ENVIRONMENT [ALERT…]` breaks something on purpose on the running cluster, follows the alert until it has been",
      "**delivered**, repairs, and follows it until its **end has been delivered** too. It asks before, unless `--yes`; `--list` only tells.",
    ],
    columns: "| alert | about | what is broken, and how it ends | what visitors notice |",
    how: [
      "## What it does to the cluster",
      "",
      "- A small pod of the helper's image receives mail (a real SMTP server) and webhooks; NetworkPolicies let Alertmanager alone reach",
      "  it. Alertmanager gets one more receiver and a route before all others: **whoever receives alerts gets these too**, with *[drill]*",
      "  before the summary. Mails are those of the project's own template.",
      "- `--webhook URL`, and `--smtp HOST:PORT --to ADDRESS`, name receivers of yours: Alertmanager is let out to them for the drill and",
      "  tells them beside its own pod, which sees labels and texts. Theirs it cannot see, so the time line says *handed over*: by",
      "  Alertmanager's own counters all that was begun has succeeded. The Watchdog's sign every 5 s is spared them. The mail server must",
      "  take mail without a login; the URL lies in a ConfigMap while the drill runs; of a Service, its port must be its pods' port.",
      "- The drilled rules are evaluated every 5 s, hold for 10 s, and look back four scrapes instead of minutes to days. Thresholds, labels",
      "  and the shipped rules stay as they are. While a drill runs, nothing silences its alert.",
      "- Whatever it changes it owns by the field manager `cloudnova-drill`, whatever it makes has the label `cloudnova.dev/drill`. At the",
      "  end, after an error and after Ctrl-C all of it is restored from the manifests, Prometheus and Alertmanager have read them again,",
      "  and `cloudnova diff` must be empty, or the command fails.",
      "- After `kill -9` the next drill repairs first, as soon as the dead run's lease has run out (half a minute); `drill --repair` does that",
      "  alone, and until then `apply` names that command. The pods that break something end by themselves after an hour.",
      "- A drill whose machine slept so long that another run has taken over touches nothing more while that one works. Then it restores what",
      "  is still broken, unless something was applied since: that it does not overwrite, and names `drill --repair`.",
      "- It refuses when an apply or another drill is at work, and when the cluster is not as the manifests say. Pause Argo CD",
      "  or Flux first: they would take the quick rules back ([how](guides/gitops.md#what-the-engine-would-undo)).",
      "- The shipped rules leave out what a drill provokes (requests to /debug, its pods), so that no promise of days is broken by it. What",
      "  MysqlDown costs visitors is a real outage, and counts.",
      "- An alert that fires already for a reason of its own is skipped; that is no failure.",
      "- The application's own alerts compare shares: with more than some 15 visitors' requests a second the slow ones of a drill are too",
      "  few, with more than some 150 the failing ones. The drill then fails after six minutes, and says what it did not see.",
      "- `--output json` tells every time, the labels as delivered, and the mail's subject. Exit code 1 when a drill failed or something is left.",
    ],
    undrilled: "## What has no drill, and why",
    record: "## A recorded run",
    when: (run: Recorded) =>
      `${run.began.slice(0, 16).replace("T", " ")} UTC, commit ${run.commit}, on a single node of 1,700 MiB, a scrape every 15 s. Seconds since the fault, seen once a second:`,
    steps: ["pending", "firing", "webhook", "mail", "repaired", "resolved", "its webhook", "its mail"],
    all: (seconds: string) => `All of it, with the preparation and the restoring: ${seconds} s.`,
    watchdog: "Watchdog always fires: *firing* is the silence noticed, *its webhook* and *its mail* the first sign of life after it.",
    subjects: "Subjects of the mails that arrived; the texts are those of that date:",
    made: "Made by `npm run generate` from the catalogue and docs/drills.json (`npm run record:drills -- ENVIRONMENT …`); do not edit.",
  },
  es: {
    title: "Simulacros de alertas",
    other: "[English](drills.md)",
    intro: [
      "`cloudnova drill ENTORNO [ALERTA…]` rompe algo a propósito en el clúster en marcha, sigue la alerta hasta que ha sido **entregada**,",
      "repara, y la sigue hasta que también se ha **entregado su fin**. Antes pregunta, salvo con `--yes`; `--list` solo lo cuenta.",
    ],
    columns: "| alerta | sobre | qué se rompe, y cómo acaba | qué notan los visitantes |",
    how: [
      "## Qué le hace al clúster",
      "",
      "- Un pequeño pod de la imagen auxiliar recibe correo (un servidor SMTP real) y webhooks; las NetworkPolicies solo dejan llegar",
      "  a Alertmanager. Este obtiene un receptor más y una ruta delante de todas: **quien recibe alertas recibe también estas**, con",
      "  *[simulacro]* delante del resumen. Los correos son los de la plantilla del propio proyecto.",
      "- `--webhook URL`, y `--smtp SERVIDOR:PUERTO --to DIRECCIÓN`, nombran receptores suyos: durante el simulacro Alertmanager puede salir",
      "  hacia ellos y les avisa además de a su propio pod, que ve etiquetas y textos. Los receptores de usted no los ve; por eso la cronología dice",
      "  *recogida*: según los contadores de Alertmanager, todo lo que empezó a entregar salió bien. La señal del Watchdog cada 5 s no se",
      "  les manda. El servidor de correo debe aceptar correo sin contraseña; la URL está en un ConfigMap mientras dura el simulacro; si es",
      "  un Service, su puerto debe ser el de sus pods.",
      "- Las reglas del simulacro se evalúan cada 5 s, deben cumplirse 10 s y miran cuatro lecturas atrás en lugar de minutos a días. Los",
      "  umbrales, las etiquetas y las reglas incluidas quedan como están. Durante un simulacro nada silencia su alerta.",
      "- Lo que cambia le pertenece por el gestor de campos `cloudnova-drill`, lo que crea lleva la etiqueta `cloudnova.dev/drill`. Al final,",
      "  tras un error y tras Ctrl-C todo se repone desde los manifiestos, Prometheus y Alertmanager los han leído de nuevo, y",
      "  `cloudnova diff` tiene que estar vacío; si no, el comando falla.",
      "- Tras `kill -9` el próximo simulacro repara primero, en cuanto vence el Lease del proceso muerto (medio minuto);",
      "  `drill --repair` hace solo eso, y hasta entonces `apply` nombra ese comando. Los pods que rompen algo terminan solos tras una hora.",
      "- Un simulacro cuya máquina se suspendió tanto tiempo que otra ejecución tomó el relevo no toca nada más mientras ella trabaja. Luego",
      "  repone lo que siga roto, salvo que entretanto se haya aplicado algo: eso no lo sobrescribe, y nombra `drill --repair`.",
      "- Se niega mientras trabaja un apply u otro simulacro, y cuando el clúster no está como dicen los manifiestos. Pause antes",
      "  Argo CD o Flux: retirarían las reglas rápidas ([cómo](guides/gitops.es.md#lo-que-el-motor-desharía)).",
      "- Las reglas incluidas no cuentan lo que un simulacro provoca (peticiones a /debug, sus pods), para que no rompa ninguna promesa de",
      "  días. Lo que MysqlDown cuesta a los visitantes es una caída real, y cuenta.",
      "- Una alerta que ya se dispara por un motivo propio se omite; eso no es un fallo.",
      "- Las alertas de la aplicación comparan proporciones: con más de unas 15 peticiones de visitantes por segundo las lentas de un",
      "  simulacro son demasiado pocas, con más de unas 150 las fallidas. El simulacro falla entonces a los seis minutos y dice qué no vio.",
      "- `--output json` da todos los tiempos, las etiquetas tal como se entregaron y el asunto del correo. Código de salida 1 si un simulacro",
      "  falla o si queda algo sin reponer.",
    ],
    undrilled: "## De qué no hay simulacro, y por qué",
    record: "## Una ejecución registrada",
    when: (run: Recorded) =>
      `${run.began.slice(0, 16).replace("T", " ")} UTC, commit ${run.commit}, en un solo nodo de 1 700 MiB, una recolección cada 15 s. Segundos desde el fallo, vistos una vez por segundo:`,
    steps: ["pendiente", "disparada", "webhook", "correo", "reparado", "resuelta", "su webhook", "su correo"],
    all: (seconds: string) => `Todo, con la preparación y la reposición: ${seconds} s.`,
    watchdog:
      "Watchdog se dispara siempre: *disparada* es el silencio advertido, *su webhook* y *su correo* la primera señal de vida después.",
    subjects: "Asuntos de los correos que llegaron; los textos son los de esa fecha:",
    made: "Hecho por `npm run generate` a partir del catálogo y de docs/drills.json (`npm run record:drills -- ENTORNO …`); no editar.",
  },
};

/** What stands in each column of the record; the first that was seen. */
const COLUMNS = [
  ["pending"],
  ["firing", "silence noticed"],
  ["delivered to the webhook"],
  ["delivered by mail"],
  ["repaired"],
  ["resolved"],
  ["resolution delivered to the webhook", "again delivered to the webhook"],
  ["resolution delivered by mail", "again delivered by mail"],
] as const;

function row({ alert, outcome, why, timeline }: DrillResult): string {
  if (outcome !== "passed") return `| ${alert} | ${drillWords.notPassed[outcome]}: ${why} |${" |".repeat(COLUMNS.length - 1)}`;
  const broken = timeline.findIndex(({ what }) => what === "broken");
  const after = timeline.slice(broken); // what came before proves nothing
  const cells = COLUMNS.map((names) => after.find(({ what }) => names.some((name) => name === what))?.after.toFixed(0) ?? "–");
  return `| ${alert} | ${cells.join(" | ")} |`;
}

/** docs/drills.md: what each drill does, and when each step of a recorded run was seen. */
export function drillsPage(run: Recorded, language: Language): string {
  setLocale(language);
  const words = pick(WORDS, language);
  const catalogue = CATALOGUE.map(({ alert }) => {
    const { subject, breaks, visitors, repairs } = drillWords.drills[alert];
    return `| [${alert}](runbooks/${pageName(alert, language)}) | ${subject} | ${breaks}; ${repairs} | ${visitors} |`;
  });
  const page = [
    `# ${words.title}`,
    "",
    words.other,
    "",
    ...words.intro,
    "",
    words.columns,
    "|---|---|---|---|",
    ...catalogue,
    "",
    ...words.how,
    "",
    words.undrilled,
    "",
    ...Object.entries(ALERTS_WITHOUT_DRILL).map(
      ([why, alerts]) => `- ${alerts.join(", ")}: ${drillWords.withoutDrill[why as ReasonWithoutDrill]}`,
    ),
    "",
    words.record,
    "",
    words.when(run),
    "",
    `| | ${words.steps.join(" | ")} |`,
    `|---|${"--:|".repeat(COLUMNS.length)}`,
    ...run.drills.map(row),
    "",
    `${words.watchdog} ${words.all(((Date.parse(run.ended) - Date.parse(run.began)) / 1000).toFixed(0))}`,
    "",
    words.subjects,
    "",
    ...run.drills.flatMap(({ mail }) => (mail ? [`- ${mail}`] : [])),
    "",
    words.made,
    "",
  ].join("\n");
  setLocale("en");
  return page;
}
