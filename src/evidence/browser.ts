import { execFile } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { evidence as say } from "../messages/evidence.ts";

const run = promisify(execFile);

/** Names under which Chromium and its relatives are installed. */
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"];
/** Where they are on macOS and Windows, whose PATH does not have them. */
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  join(homedir(), "Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
];
const TIMEOUT_MS = 90_000;

function runs(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The program of a Chromium-like browser: $CHROMIUM, else the first one that is installed.
 *
 * @throws Error when CHROMIUM names a file that is none
 */
export function findBrowser(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (env.CHROMIUM) {
    if (runs(env.CHROMIUM)) return env.CHROMIUM;
    throw new Error(say.noProgram(env.CHROMIUM));
  }
  const folders = (env.PATH ?? "").split(delimiter).filter(Boolean);
  return [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...PLACES].find(runs);
}

/** A page to look at. */
export interface View {
  readonly url: string;
  /** Address to connect to for every name; nothing else can be reached. @default the name's own */
  readonly address?: string;
  /** The only untrusted certificate that is accepted: DER. @default none */
  readonly certificate?: Buffer;
  readonly language: string;
  readonly width: number;
  readonly height: number;
  /** Time for scripts to draw, in the page's own clock. @default 0 */
  readonly patienceMs?: number;
}

/** What pins one certificate: the hash of its public key, as `--ignore-certificate-errors-spki-list` takes it. */
export function keyHash(certificate: Buffer): string {
  const key = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("base64");
}

/** Flags of every run: no window, nothing of the user's own profile, no request to the internet. */
const common = (profile: string): string[] => [
  "--headless",
  "--disable-gpu",
  "--hide-scrollbars",
  "--mute-audio",
  "--no-first-run",
  "--no-default-browser-check",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-extensions",
  "--disable-dev-shm-usage",
  `--user-data-dir=${profile}`,
  // Chromium refuses to be root with its sandbox; the pages here are our own.
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

/** Runs the browser with a profile of its own; `file` must be there afterwards. */
async function make(program: string, flags: readonly string[], url: string, file: string, signal?: AbortSignal): Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), "cloudnova-browser-"));
  try {
    await run(program, [...common(profile), ...flags, url], { timeout: TIMEOUT_MS, signal, killSignal: "SIGKILL" });
  } catch (error) {
    const { killed, message } = error as { killed?: boolean; message: string };
    throw new Error(killed ? say.late(TIMEOUT_MS / 1000) : say.browser(message.split("\n")[0] ?? ""));
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
  if (!existsSync(file)) throw new Error(say.noFile);
}

/** A picture of a page, as WebP. @throws Error in words when the browser fails */
export async function photograph(program: string, view: View, signal?: AbortSignal): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-picture-"));
  const file = join(folder, "page.webp");
  const { url, address, certificate, language, width, height, patienceMs = 0 } = view;
  const flags = [
    `--screenshot=${file}`,
    `--window-size=${width},${height}`,
    `--accept-lang=${language}`,
    `--virtual-time-budget=${Math.max(patienceMs, 1000)}`,
    ...(address ? [`--host-resolver-rules=MAP * ${address}`] : []),
    ...(certificate ? [`--ignore-certificate-errors-spki-list=${keyHash(certificate)}`] : []),
  ];
  try {
    await make(program, flags, url, file, signal);
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Prints a file of HTML as PDF. @throws Error in words when the browser fails */
export async function print(program: string, html: string, pdf: string, signal?: AbortSignal): Promise<void> {
  await make(program, [`--print-to-pdf=${pdf}`, "--no-pdf-header-footer"], html, pdf, signal);
}
