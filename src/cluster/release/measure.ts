import type { Sample } from "../../monitoring/prometheus-api.ts";
import { APPLICATION_OBJECTIVES, OBJECTIVES, type Objectives, VISITORS } from "../../monitoring/slo.ts";
import { advance, begin, type Growth, quantile, total, within } from "../../release/counters.ts";
import type { Seen, Version } from "../../release/gate.ts";
import { canaryName, type Released, stableName } from "../../release/objects.ts";
import { traefikService } from "../../traefik.ts";

/** What Prometheus is asked for of one version. */
interface Queries {
  readonly answers: string;
  readonly durations: string;
}

/** Where the figures of both versions are, and what they promise. */
export interface Measured {
  readonly objectives: Objectives;
  readonly queries: Readonly<Record<Version, Queries>>;
}

/**
 * Answers come from Traefik's counters of the two Services, which also count what the application never answered. Times: of the sample
 * from its own histogram, by pod, as its objectives have it; of the user's applications from Traefik's.
 */
export function measured(released: Released, sample: boolean): Measured {
  const { namespace } = released;
  const canary = canaryName(released);
  const pods = { canary: `instance=~"${canary}-.+"`, stable: `instance!~"${canary}-.+"` };
  const of = (version: Version, service: string): Queries => {
    const matcher = `service="${traefikService(namespace, service)}"`;
    return {
      answers: `traefik_service_requests_total{${matcher}}`,
      durations: sample
        ? `webapp_http_request_duration_seconds_bucket{${VISITORS},${pods[version]}}`
        : `traefik_service_request_duration_seconds_bucket{${matcher},code!="101"}`,
    };
  };
  return {
    objectives: sample ? OBJECTIVES : APPLICATION_OBJECTIVES,
    queries: { canary: of("canary", canary), stable: of("stable", stableName(released)) },
  };
}

/** What a query gives at this moment. */
export type Ask = (query: string) => Promise<readonly Sample[]>;

interface Growing {
  readonly answers: Growth;
  readonly durations: Growth;
}

/** Follows the counters of both versions from a moment on. */
export class Meter {
  private constructor(
    private readonly ask: Ask,
    private readonly measured: Measured,
    private growing: Readonly<Record<Version, Growing>>,
  ) {}

  /** Begins now. @throws when Prometheus does not answer */
  static async from(ask: Ask, measured: Measured): Promise<Meter> {
    const first = async ({ answers, durations }: Queries): Promise<Growing> => ({
      answers: begin(await ask(answers), "code"),
      durations: begin(await ask(durations), "le"),
    });
    const { canary, stable } = measured.queries;
    return new Meter(ask, measured, { canary: await first(canary), stable: await first(stable) });
  }

  /** What was seen until now. @throws when Prometheus does not answer */
  async look(): Promise<Readonly<Record<Version, Seen>>> {
    const next = async (version: Version): Promise<Growing> => {
      const { answers, durations } = this.measured.queries[version];
      const before = this.growing[version];
      return {
        answers: advance(before.answers, await this.ask(answers), "code"),
        durations: advance(before.durations, await this.ask(durations), "le"),
      };
    };
    this.growing = { canary: await next("canary"), stable: await next("stable") };
    return this.seen();
  }

  /** What was seen at the last look. */
  seen(): Readonly<Record<Version, Seen>> {
    return { canary: this.seenOf("canary"), stable: this.seenOf("stable") };
  }

  private seenOf(version: Version): Seen {
    const { answers, durations } = this.growing[version];
    const timed = within(durations, Number.POSITIVE_INFINITY);
    return {
      requests: total(answers),
      errors: total(answers, (code) => code.startsWith("5")),
      timed,
      slow: timed - within(durations, this.measured.objectives.slow),
      p95: quantile(durations, 0.95),
      p99: quantile(durations, 0.99),
    };
  }
}
