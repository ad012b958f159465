import type { BoardView } from "../../src/evidence/model.ts";
import { html, Markup } from "../../src/evidence/page/html.ts";
import { writerOf } from "../../src/evidence/page/index.ts";
import { board } from "../../src/evidence/page/panels.ts";
import style from "../../src/evidence/page/style.css";
import type { Language } from "../../src/language.ts";

/** A dashboard alone, drawn as in the evidence. */
export function boardPage(view: BoardView, language: Language): string {
  return html`<!DOCTYPE html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="color-scheme" content="light"><title>${view.title}</title>
<style>${new Markup(style)}</style></head>
<body><main><section>${board(view, writerOf({ language, timeZone: "UTC" }))}</section></main></body></html>
`.text;
}
