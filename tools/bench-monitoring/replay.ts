import { createServer, type Server } from "node:http";
import type { Target } from "../exported/targets.ts";

/** A recorded target's page, and the scrape job that it belongs to. */
export interface Page {
  readonly target: Target;
  readonly text: string;
}

/** A share by which every value grows from scrape to scrape: values that stand still would compress to nothing. */
const GROWTH = 1e-4;

/** Serves recorded pages at /INDEX, with values that move. */
export function replay(pages: readonly Page[], port: number): Server {
  const start = Date.now();
  const split = pages.map(({ text }) =>
    text.split("\n").map((line) => {
      const at = line.lastIndexOf(" ");
      const value = Number(line.slice(at + 1));
      return line.startsWith("#") || at < 0 || !Number.isFinite(value) ? { line } : { head: line.slice(0, at + 1), value };
    }),
  );
  return createServer((request, response) => {
    const lines = split[Number(request.url?.slice(1))];
    if (!lines) return void response.writeHead(404).end();
    const grown = 1 + (GROWTH * (Date.now() - start)) / 1000;
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4" });
    response.end(lines.map((one) => (one.head === undefined ? one.line : `${one.head}${one.value * grown}`)).join("\n"));
  }).listen(port, "127.0.0.1");
}
