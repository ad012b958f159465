import type { Evidence, Part } from "../model.ts";
import { CHAPTERS, HEALTH, ruleHealth } from "./chapters.ts";
import { type Fill, html, Markup } from "./html.ts";
import type { Health, Writer } from "./parts.ts";
import style from "./style.css";
import { translator, type Word } from "./words.ts";

/** Nothing is fetched, nothing runs: what the page shows lies in it. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** A figure at the top of the page, with the chapter that it sums up. */
interface Tile {
  readonly chapter: Word;
  readonly word: Word;
  readonly figure: string;
  readonly health: Health;
}

/** The moods that count, worst first: what is not run here is neither good nor bad. */
const WORST = ["bad", "warn", "good"] as const;

/** The worst mood of a part's items. A part that could not be read, or holds nothing, is bad. */
const worst = (moods: readonly Health[]): Health => WORST.find((mood) => moods.includes(mood)) ?? "bad";

/** How many of a part's items are good, of all that are judged. */
function share<T>(chapter: Word, word: Word, found: Part<readonly T[]>, moodOf: (one: T) => Health): Tile {
  if (!("value" in found)) return { chapter, word, figure: "–", health: "bad" };
  const moods = found.value.map(moodOf).filter((mood) => mood !== "none");
  return { chapter, word, figure: `${moods.filter((mood) => mood === "good").length}/${moods.length}`, health: worst(moods) };
}

/** How many alerts fire, as bad as the most severe of them. */
function alertsTile(rules: Evidence["rules"]): Tile {
  const tile = { chapter: "alerts", word: "tileAlerts" } as const;
  if (!("value" in rules)) return { ...tile, figure: "–", health: "bad" };
  const firing = rules.value.filter(({ state, name }) => state === "firing" && name !== "Watchdog");
  return { ...tile, figure: String(firing.length), health: worst(["good", ...firing.map(ruleHealth)]) };
}

function tiles({ findings, targets, rules, pods }: Evidence): Tile[] {
  return [
    share("verify", "tileVerify", findings, ({ state }) => HEALTH[state]),
    share("targets", "tileTargets", targets, ({ up }) => (up ? "good" : "bad")),
    alertsTile(rules),
    share("pods", "tilePods", pods, ({ well }) => (well ? "good" : "bad")),
  ];
}

/** Writes texts, moments and figures in a language. */
export function writerOf({ language, timeZone }: Pick<Evidence, "language" | "timeZone">): Writer {
  const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "long", timeZone });
  const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone });
  return {
    language,
    translate: translator(language),
    moment: (at) => moment.format(at),
    clock: (seconds) => clock.format(new Date(seconds * 1000)),
  };
}

/** The whole page: one file of HTML that needs nothing else, for a screen in light and dark, and for paper. */
export function evidencePage(evidence: Evidence): string {
  const writer = writerOf(evidence);
  const { translate, language, moment } = writer;
  const facts: readonly (readonly [string, Fill])[] = [
    [translate("taken"), html`<time datetime="${evidence.taken.toISOString()}">${moment(evidence.taken)}</time>`],
    [translate("environment"), evidence.environment],
    ...evidence.facts.map(({ name, value }) => [name, value] as const),
  ];
  const title = `CloudNova · ${translate("title")} · ${evidence.environment}`;
  return html`<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<a class="skip" href="#main">${translate("skip")}</a>
<header class="hero">
<p class="kicker">CloudNova</p>
<h1>${translate("title")}</h1>
<p>${translate("lead")}</p>
<dl>${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</header>
<nav aria-label="${translate("contents")}"><ol>${CHAPTERS.map(({ id }) => html`<li><a href="#${id}">${translate(id)}</a></li>`)}</ol></nav>
<main id="main">
<ul class="tiles">${tiles(evidence).map(
    ({ chapter, word, figure, health: mood }) =>
      html`<li class="tile ${mood}"><a href="#${chapter}"><b>${figure}</b> <span>${translate(word)}</span></a></li>`,
  )}</ul>
${CHAPTERS.map(
  ({ id, draw }) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${translate(id)}</h2>
${draw(evidence, writer)}
</section>
`,
)}</main>
</body>
</html>
`.text;
}
