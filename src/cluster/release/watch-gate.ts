import { release as words } from "../../messages/release.ts";
import type { Objectives } from "../../monitoring/slo.ts";
import { judge, type Seen, type Verdict, type Version } from "../../release/gate.ts";
import { Interrupted } from "../cluster-error.ts";
import { pause } from "../transport/until.ts";

/** How a gate is watched. */
export interface Gate {
  readonly objectives: Objectives;
  /** How long it is open at the least, s. */
  readonly seconds: number;
  /** Requests that the new version must have answered. */
  readonly least: number;
  /** Its share, in %. */
  readonly weight: number;
  /** What was seen since the gate opened. @throws when there are no figures */
  readonly look: () => Promise<Readonly<Record<Version, Seen>>>;
  /** Sends so many requests on the way of visitors to pages that only read. */
  readonly load: (count: number) => Promise<void>;
  readonly say: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** @default as Prometheus scrapes: each is for tests. */
  readonly times?: { readonly pollMs: number; readonly scrapedMs: number; readonly silentMs: number };
}

/** What came of a gate. */
export interface Passed {
  readonly verdict: Exclude<Verdict, { state: "wait" }> | { readonly state: "no data"; readonly seconds: number; readonly why: string };
  readonly seen?: Readonly<Record<Version, Seen>>;
  readonly seconds: number;
  /** Requests that the release has sent itself. */
  readonly synthetic: number;
}

/** A look every five seconds; a load is seen after the next scrape, at most 15 s later by default; Prometheus may be away for two of them. */
const TIMES = { pollMs: 5000, scrapedMs: 20_000, silentMs: 30_000 };
/** No more requests of our own in one release: at the rate of the load, five minutes. */
const MOST = 3000;
/** How often progress is printed, s. */
const TELL_S = 30;
/** Of the requests that the share needs on average, so many more: Traefik divides them exactly, but visitors' come in between. */
const MORE = 1.2;

/** What the last looks gave. */
class Looks {
  private lastMs = performance.now();
  seen: Passed["seen"];
  /** Why the last look gave nothing. */
  why = "";

  constructor(private readonly gate: Gate) {}

  /** Looks once. @returns for how long there have been no figures, ms: 0 after a look that gave some @throws Interrupted */
  async silentMs(): Promise<number> {
    try {
      this.seen = await this.gate.look();
      this.lastMs = performance.now();
      return 0;
    } catch (error) {
      if (error instanceof Interrupted || this.gate.signal?.aborted) throw new Interrupted();
      this.why = (error as Error).message;
      return performance.now() - this.lastMs;
    }
  }
}

/** Watches both versions until the verdict: at the gate's end, or as soon as it is plain that the new version is bad. */
export async function watchGate(gate: Gate): Promise<Passed> {
  const { objectives, seconds, least, weight, load, say, signal, times = TIMES } = gate;
  const begun = performance.now();
  const elapsed = () => Math.round((performance.now() - begun) / 1000);
  const looks = new Looks(gate);
  let [told, synthetic] = [0, 0];
  const passed = (verdict: Passed["verdict"]): Passed => ({ verdict, seen: looks.seen, seconds: elapsed(), synthetic });
  for (;;) {
    await pause(times.pollMs, signal);
    const silent = await looks.silentMs();
    if (silent >= times.silentMs) return passed({ state: "no data", seconds: Math.round(silent / 1000), why: looks.why });
    if (silent > 0 || !looks.seen) continue;
    const { canary } = looks.seen;
    if (elapsed() >= told + TELL_S) {
      told = elapsed();
      say(words.judging(told, canary.requests, canary.errors));
    }
    const verdict = judge(looks.seen, objectives, { least, over: elapsed() >= seconds });
    if (verdict.state === "wait") continue;
    if (verdict.state !== "too few" || synthetic >= MOST) return passed(verdict);
    const count = Math.min(MOST - synthetic, Math.ceil(((least - verdict.requests) * MORE * 100) / weight));
    say(words.loading(count));
    await load(count);
    synthetic += count;
    await pause(times.scrapedMs, signal);
  }
}
