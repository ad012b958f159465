import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { ClusterError } from "../../cluster/cluster-error.ts";
import { allImported, IMPORTED, importedFile } from "../../config/imported.ts";
import { loadEnvironment } from "../../config/load.ts";
import { exporting } from "../../config/scrape.ts";
import { environmentFile } from "../../environments.ts";
import { dashboards as say } from "../../messages/dashboards.ts";
import { type Import, importDashboard } from "../../monitoring/import/index.ts";
import type { PanelVerdict } from "../../monitoring/import/model.ts";
import type { Known } from "../../monitoring/import/series.ts";
import { knownOf } from "../../monitoring/own-rules.ts";
import { EXIT, type Io, json, line, painter } from "../io.ts";

export interface ImportOptions {
  /** Which revision of a dashboard of grafana.com. @default the newest */
  readonly revision?: number;
  /** @default from its title */
  readonly name?: string;
  /** @default the dashboard's own */
  readonly title?: string;
  /** The environment whose applications export what it shows. @default none: series of every environment alone */
  readonly environment?: string;
  /** Where dashboards are downloaded from. */
  readonly server: string;
  readonly output: "text" | "json";
}

const TIMEOUT_MS = 30_000;

/** Downloads a dashboard by grafana.com's API: its revisions, then one of them. @throws ClusterError */
async function download(id: string, { server, revision }: ImportOptions): Promise<{ text: string; source: string }> {
  const page = `${server}/grafana/dashboards/${id}`;
  const get = async (path: string): Promise<string> => {
    const url = `${server}/api/dashboards/${id}${path}`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
      (error: Error & { cause?: NodeJS.ErrnoException }) => {
        throw new ClusterError(say.unreachable(server, error.cause?.code ?? error.message), say.byHand(page));
      },
    );
    if (answer.status === 404) throw new ClusterError(say.noneThere(revision === undefined ? id : `${id}, revision ${revision}`), page);
    if (!answer.ok) throw new ClusterError(say.answered(url, answer.status), say.byHand(page));
    return answer.text();
  };
  const newest = async (): Promise<number> => {
    const { items = [] } = JSON.parse(await get("/revisions")) as { items?: { revision: number }[] };
    if (items.length === 0) throw new ClusterError(say.noneThere(id), page);
    return Math.max(...items.map((one) => one.revision));
  };
  const number = revision ?? (await newest());
  return { text: await get(`/revisions/${number}/download`), source: `grafana.com ${id}, revision ${number}` };
}

function read(file: string): { text: string; source: string } {
  try {
    return { text: readFileSync(file, "utf8"), source: file };
  } catch (error) {
    throw new ClusterError(say.noSuchFile(file, (error as NodeJS.ErrnoException).code ?? ""), say.fileOrId);
  }
}

const stateOf = ({ alive, dead }: PanelVerdict) => (dead.length === 0 ? "alive" : alive === 0 ? "dead" : "in part");

function printImport(
  io: Io,
  file: string,
  { title, file: { source }, panels, withoutQuery, choices, stored, series, old, name }: Import,
): void {
  const paint = painter(io.stdout, io.env);
  const count = (state: string) => panels.filter((one) => stateOf(one) === state).length;
  const counts = panels.length === 0 ? say.onlyTexts(withoutQuery) : say.counts(count("alive"), count("in part"), count("dead"));
  line(io.stdout, `${file}: '${title}' (${source})\n${counts}`);
  for (const one of [...panels, ...choices].filter(({ dead }) => dead.length > 0)) {
    line(io.stdout, `${stateOf(one) === "dead" ? paint("red", "✖") : paint("yellow", "!")} ${one.title}: ${one.dead.join("; ")}`);
  }
  if (stored.length > 0) line(io.stdout, `${say.stored(stored.length, series)}\n  ${stored.join("\n  ")}`);
  if (old > 0) line(io.stdout, `${paint("yellow", "!")} ${say.old(old)}`);
  line(io.stdout, say.next(name));
}

/** What an environment's applications and other targets export, and what its own rules record. */
function knownIn(name: string): Known {
  const { config, rules } = loadEnvironment(environmentFile(name));
  return knownOf(rules, exporting(config));
}

/** `cloudnova dashboards import ID|FILE` */
export async function importCommand(io: Io, what: string, options: ImportOptions): Promise<number> {
  const { text, source } = /^\d+$/.test(what) ? await download(what, options) : read(what);
  const made = importDashboard(text, source, {
    name: options.name,
    title: options.title,
    known: options.environment === undefined ? undefined : knownIn(options.environment),
    others: allImported().map(({ name, dashboard: { title, uid } }) => ({ name, title, uid })),
  });
  const file = importedFile(made.name);
  mkdirSync(IMPORTED, { recursive: true });
  writeFileSync(`${file}.partial`, `${JSON.stringify(made.file)}\n`);
  renameSync(`${file}.partial`, file);
  const { file: _, ...report } = made;
  if (options.output === "json") json(io, { file, source, ...report });
  else printImport(io, file, made);
  return EXIT.ok;
}
