import { HtmlValidate } from "html-validate";
import type { Finding } from "../../src/cluster/finding.ts";
import type { Evidence } from "../../src/evidence/model.ts";
import { CHAPTERS } from "../../src/evidence/page/chapters.ts";
import { html } from "../../src/evidence/page/html.ts";
import { evidencePage } from "../../src/evidence/page/index.ts";
import { jobPurpose, translator } from "../../src/evidence/page/words.ts";
import { example, NOW } from "./example.ts";

// Of the presets, what fits a page whose charts come from a library: it closes and orders attributes in its own way.
const validator = new HtmlValidate({
  extends: ["html-validate:recommended"],
  rules: {
    "no-inline-style": "off",
    "no-trailing-whitespace": "off",
    "long-title": "off",
    "attr-quotes": "off",
    "no-implicit-button-type": "off",
  },
});
const faults = async (page: string) =>
  (await validator.validateString(page)).results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, line }) => `${line}: ${ruleId}: ${message}`),
  );

const HOSTILE = `<script>alert(1)</script><img src=x onerror=alert(1)> "' onload='alert(1) & \u0007`;
/** Every text of the evidence replaced, wherever it is. */
const hostile = <T>(value: T): T => {
  if (typeof value === "string") return HOSTILE as T;
  if (value instanceof Date || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(hostile) as T;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, KEPT.has(key) ? one : hostile(one)])) as T;
};
/** What the page itself chooses from, and never takes from outside. */
const KEPT = new Set(["language", "timeZone", "kind", "state", "data", "colour"]);

test("the page says from where the public name is asked: the exporter runs in the cluster", () => {
  expect(jobPurpose("probe", "en")).toBe("the public name on HTTPS through Traefik, from inside the cluster");
  expect(jobPurpose("probe", "es")).toBe("el nombre público en HTTPS a través de Traefik, desde dentro del clúster");
});

describe.each(["es", "en"] as const)("in %s", (language) => {
  let evidence: Evidence;
  let page: string;
  beforeAll(async () => {
    evidence = await example(language);
    page = evidencePage(evidence);
  });

  test("every chapter is there and in the contents", () => {
    const translate = translator(language);
    for (const { id } of CHAPTERS) {
      expect(page).toContain(`<h2 id="${id}-title">${translate(id)}</h2>`);
      expect(page).toContain(`<a href="#${id}">${translate(id)}</a>`);
    }
    expect(CHAPTERS.map(({ id }) => id)).toEqual([
      "application",
      "targets",
      "dashboards",
      "alerts",
      "pods",
      "verify",
      "layout",
      "versions",
    ]);
    expect(page).toMatch(new RegExp(`^<!DOCTYPE html>\\n<html lang="${language}">`));
  });
  test("it is valid HTML", async () => expect(await faults(page)).toEqual([]));
  test("it fetches nothing and runs nothing", () => {
    expect(page).toContain("default-src &#39;none&#39;");
    expect(/<script|<link|<iframe|\son\w+=|@import|url\((?!#)|(src|href)="(?!#|data:image\/webp;base64,)/.exec(page)?.[0]).toBeUndefined();
  });
  test("hostile texts stay texts, in every part", async () => {
    const bad = evidencePage(hostile(evidence));
    expect(bad.includes("\u0007")).toBe(false);
    expect(/<script|<img src=x|onload='/.exec(bad)?.[0]).toBeUndefined();
    expect(bad.match(/&lt;script&gt;/g)?.length).toBeGreaterThan(50);
    expect(await faults(bad)).toEqual([]);
  });
  test("a part that failed is told as failed, one that is not run here as that, and the others still stand", () => {
    const names = [
      "application",
      "certificate",
      "targets",
      "rules",
      "alertmanager",
      "pods",
      "findings",
      "commit",
      "layout",
      "versions",
    ] as const;
    for (const name of names) {
      const broken = evidencePage({ ...evidence, boards: [], [name]: { failed: `no ${name}` } });
      expect(broken).toMatch(new RegExp(`class="note failed"><strong>✖ ${translator(language)("failed")}\\.</strong> no ${name}</p>`));
      for (const { id } of CHAPTERS) expect(broken).toContain(`id="${id}-title"`);
    }
    expect(page).toContain(`<strong>${translator(language)("absent")}.</strong> a ballast answers in Grafana&#39;s place</p>`);
    const noBoard = evidencePage({ ...evidence, boards: [{ failed: "Prometheus is gone" }] });
    expect(noBoard).toContain("Prometheus is gone");
  });
  test("the figures at the top count what is good", () => {
    const figures = [...page.matchAll(/<li class="tile (\w+)"><a href="#(\w+)"><b>([^<]+)</g)].map(([, ...rest]) => rest);
    expect(figures).toEqual([
      ["bad", "verify", "1/2"],
      ["bad", "targets", "1/2"],
      ["warn", "alerts", "1"],
      ["bad", "pods", "1/2"],
    ]);
    const gone = evidencePage({ ...evidence, findings: { failed: "x" }, rules: { failed: "x" } });
    expect(gone).toContain('<li class="tile bad"><a href="#verify"><b>–</b>');
    expect(gone).toContain('<li class="tile bad"><a href="#alerts"><b>–</b>');
  });
  test("a tile is as bad as the worst that it counts: a warning is amber, what is not run counts for nothing", () => {
    const tileOf = (changed: Partial<Evidence>, chapter: string) =>
      new RegExp(`<li class="tile (\\w+)"><a href="#${chapter}"><b>([^<]+)`).exec(evidencePage({ ...evidence, ...changed }))?.slice(1);
    const checks = (...states: Finding["state"][]) =>
      tileOf({ findings: { value: states.map((state) => ({ check: state, state, saw: "seen" })) } }, "verify");
    expect(checks("ok", "ok", "skipped")).toEqual(["good", "2/2"]);
    expect(checks("ok", "warning")).toEqual(["warn", "1/2"]);
    expect(checks("ok", "warning", "problem")).toEqual(["bad", "1/3"]);
    expect(checks("skipped")).toEqual(["bad", "0/0"]);
    const firing = (...severities: string[]) =>
      tileOf(
        {
          rules: {
            value: severities.map((severity) => ({ group: "node", name: severity, state: "firing", severity, summary: "", health: "ok" })),
          },
        },
        "alerts",
      );
    expect(firing()).toEqual(["good", "0"]);
    expect(firing("none")).toEqual(["good", "1"]);
    expect(firing("warning", "none")).toEqual(["warn", "2"]);
    expect(firing("page")).toEqual(["warn", "1"]);
    expect(firing("warning", "critical")).toEqual(["bad", "2"]);
  });
  test("charts are drawings with their values in words, in the page's colours", () => {
    expect(page).toMatch(/<div class="chart" aria-hidden="true"><svg [^>]*viewBox/);
    expect(page).toContain('stroke="var(--series-1)"');
    expect(page).toMatch(language === "es" ? /CPU my-node <b>\d+,\d+ %<\/b>/ : /CPU my-node <b>\d+\.\d+ %<\/b>/);
  });
});

test("a state is a sign and a word, not a colour alone", async () => {
  const page = evidencePage(await example("en"));
  expect(page).toContain('<span class="state bad"><span aria-hidden="true">✖</span> down</span> connection refused');
  expect(page).toContain('<span class="state good"><span aria-hidden="true">✔</span> up</span>');
  expect(page).toContain('<span class="state bad"><span aria-hidden="true">✖</span> CrashLoopBackOff</span>');
});

test("Watchdog's firing is good news, another alert's is not; a rule that is not evaluated says why", async () => {
  const page = evidencePage(await example("en"));
  expect(page).toMatch(/HighCPUUsage<\/td><td><span class="state warn">/);
  expect(page).toMatch(/Watchdog<\/td><td><span class="state good">/);
  expect(page).toContain("many-to-many");
});

test("the same evidence gives the same page, but for the drawings' inner names", async () => {
  const plain = (page: string) => page.replaceAll(/zr\d+-c\d+/g, "clip");
  expect(plain(evidencePage(await example("es")))).toBe(plain(evidencePage(await example("es"))));
  expect(evidencePage(await example("en"))).toContain(`datetime="${NOW.toISOString()}"`);
});

test("templates escape in content and in attributes, and leave markup alone", () => {
  expect(html`<a title="${'"><b>'}">${[html`<b>${"<"}</b>`, undefined, 3]}</a>`.text).toBe(
    '<a title="&quot;&gt;&lt;b&gt;"><b>&lt;</b>3</a>',
  );
});
