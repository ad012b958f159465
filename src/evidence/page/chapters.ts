import { pick } from "../../language.ts";
import { STATES } from "../../messages/findings.ts";
import type { AlertRule, Evidence, Part, Picture } from "../model.ts";
import { withUnit } from "../units.ts";
import { type Fill, html } from "./html.ts";
import { board } from "./panels.ts";
import { type Health, shown, state, table, type Writer } from "./parts.ts";
import { jobPurpose, pathPurpose, type Word } from "./words.ts";

/** A chapter: its heading is the word of its id. */
export interface Chapter {
  readonly id: Word;
  readonly draw: (evidence: Evidence, writer: Writer) => Fill;
}

const SEVERITY: Readonly<Record<string, Health>> = { critical: "bad", warning: "warn" };
/** How good a check's state is. */
export const HEALTH = { ok: "good", warning: "warn", problem: "bad", skipped: "none" } as const;
const RULE_HEALTH = { pending: "warn", inactive: "good", unknown: "none" } as const;

/**
 * How good a rule's state is. A firing alert is as bad as its severity; one of a severity that is not ours is a warning. Watchdog
 * fires always, and that it does is good.
 */
export function ruleHealth({ name, state: now, severity }: Pick<AlertRule, "name" | "state" | "severity">): Health {
  if (now !== "firing") return RULE_HEALTH[now];
  return name === "Watchdog" ? "good" : (SEVERITY[severity] ?? (severity === "none" ? "none" : "warn"));
}

function pictures(list: readonly Part<Picture>[], { translate }: Writer): Fill {
  return html`<div class="pictures">${list.map((one) =>
    shown(
      one,
      translate,
      ({ title, address, data }) =>
        html`<figure><img alt="${title}" src="data:image/webp;base64,${data}"><figcaption>${title} · <code>${address}</code></figcaption></figure>\n`,
    ),
  )}</div>`;
}

function targets({ targets: found }: Evidence, { language, translate }: Writer): Fill {
  return html`<p>${translate("targetsLead")}</p>${shown(found, translate, (all) =>
    table(
      translate,
      [["job"], ["watches"], ["instance", "code"], ["state"], ["duration", "num"], ["samples", "num"]],
      all.map(({ job, instance, up, error, seconds, exported, stored }) => [
        job,
        jobPurpose(job, language),
        instance,
        up ? state("good", translate("up")) : html`${state("bad", translate("down"))} ${error}`,
        withUnit(seconds, "s", language),
        exported === undefined ? "–" : `${exported} → ${stored ?? "–"}`,
      ]),
    ),
  )}`;
}

function dashboards({ range, boards, grafana }: Evidence, writer: Writer): Fill {
  const { translate } = writer;
  const grafanaPart = html`<h3>${translate("grafana")}</h3>${shown(grafana, translate, (list) => pictures(list, writer))}`;
  return html`<p>${translate("dashboardsLead")}${range}.</p>${boards.map((one) => shown(one, translate, (view) => board(view, writer)))}${grafanaPart}`;
}

function alerts({ rules, alertmanager }: Evidence, { translate, moment }: Writer): Fill {
  const held = shown(alertmanager, translate, (list) =>
    list.length === 0
      ? html`<p>${translate("noAlerts")}</p>`
      : table(
          translate,
          [["alert"], ["severity"], ["state"], ["since"], ["receivers"]],
          list.map(({ name, severity, state: words, since, receivers }) => [name, severity, words, moment(since), receivers.join(", ")]),
        ),
  );
  const all = shown(rules, translate, (list) =>
    table(
      translate,
      [["alert"], ["state"], ["severity"], ["group"], ["summary"]],
      list.map(({ name, state: now, severity, group, summary, health }) => [
        name,
        html`${state(ruleHealth({ name, state: now, severity }), translate(now))}${health === "ok" ? undefined : html` <span class="severity bad">${health}</span>`}`,
        SEVERITY[severity] ? html`<span class="severity ${SEVERITY[severity]}">${severity}</span>` : severity,
        group,
        summary,
      ]),
    ),
  );
  return html`<h3>${translate("alertmanager")}</h3>${held}<h3>${translate("rules")}</h3>${all}`;
}

function pods({ pods: found }: Evidence, { translate, language }: Writer): Fill {
  const size = (bytes: number | undefined) => (bytes === undefined ? "–" : withUnit(bytes, "bytes", language));
  return shown(found, translate, (all) =>
    table(
      translate,
      [["namespace"], ["pod", "code"], ["node", "code"], ["state"], ["ready", "num"], ["restarts", "num"], ["memory", "num"]],
      all.map(({ namespace, name, node, status, well, ready, restarts, memory, request }) => [
        namespace,
        name,
        node,
        state(well ? "good" : "bad", status),
        ready,
        restarts,
        `${size(memory)} / ${size(request)}`,
      ]),
    ),
  );
}

function verify({ findings }: Evidence, { translate, language }: Writer): Fill {
  return html`<p>${translate("verifyLead")}</p>${shown(findings, translate, (all) =>
    table(
      translate,
      [["check"], ["state"], ["saw"]],
      all.map(({ check, state: how, saw, advice }) => [
        check,
        state(HEALTH[how], pick(STATES, language)[how]),
        html`${saw}${advice && how !== "ok" ? html` → ${advice}` : undefined}`,
      ]),
    ),
  )}`;
}

function versions({ commit, versions: found }: Evidence, { translate }: Writer): Fill {
  const source = shown(commit, translate, ({ id, date, subject, changed }) => {
    const state = changed ? html` · <strong>${translate("changed")}</strong>` : undefined;
    return html`<p>${translate("commit")}: <code>${id.slice(0, 12)}</code> · ${date.slice(0, 10)} · ${subject}${state}</p>`;
  });
  return html`${source}${shown(found, translate, (all) =>
    table(
      translate,
      [["what"], ["version", "code"]],
      all.map(({ what, version }) => [what, version]),
    ),
  )}`;
}

/** The page's chapters, in the order in which the sources' students handed theirs in; versions and table of checks after. */
export const CHAPTERS: readonly Chapter[] = [
  {
    id: "application",
    draw: ({ application, certificate }, writer) => {
      const words = shown(certificate, writer.translate, (text) => html`<p>${writer.translate("certificate")}: ${text}</p>`);
      return html`${words}${shown(application, writer.translate, (list) => pictures(list, writer))}`;
    },
  },
  { id: "targets", draw: targets },
  { id: "dashboards", draw: dashboards },
  { id: "alerts", draw: alerts },
  { id: "pods", draw: pods },
  { id: "verify", draw: verify },
  {
    id: "layout",
    draw: ({ layout }, { translate, language }) =>
      shown(layout, translate, (entries) =>
        table(
          translate,
          [["path", "code"], ["files", "num"], ["purpose"]],
          entries.map(({ path, files }) => {
            const depth = path.replace(/\/$/, "").split("/").length - 1;
            return [html`<span class="depth-${depth}">${path}</span>`, files || "", pathPurpose(path, language)];
          }),
        ),
      ),
  },
  { id: "versions", draw: versions },
];
