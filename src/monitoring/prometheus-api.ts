/** Asks one server for JSON by path. @throws in words when there is no answer */
export type AskJson = (path: string) => Promise<unknown>;

type Labels = Readonly<Record<string, string>>;
/** One series of an instant query. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}
/** One series of a range query: its values by time, s since 1970. */
export interface Range {
  readonly labels: Labels;
  readonly values: readonly (readonly [number, number])[];
}

/** Prometheus answered, and refuses what it was asked. */
export class Refused extends Error {
  /** @param why Prometheus' own words */
  constructor(readonly why: string) {
    super(`Prometheus: ${why}`);
  }
}

const search = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    .join("&");

/** Prometheus' HTTP API, as far as it is needed here (its documentation, "HTTP API"). Every call throws Refused where it is refused. */
export class PrometheusApi {
  constructor(private readonly ask: AskJson) {}

  /** The data that the API wraps in its answer. */
  async get<T>(path: string): Promise<T> {
    const answer = (await this.ask(path)) as { status?: string; error?: string; data?: T };
    if (answer.status !== "success" || answer.data === undefined) throw new Refused(answer.error ?? "?");
    return answer.data;
  }

  /** What a query gives at a time. @param at default: now, by the server's clock */
  async newest(query: string, at?: Date): Promise<Sample[]> {
    const path = `/api/v1/query?${search({ query, ...(at && { time: at.getTime() / 1000 }) })}`;
    const { resultType, result } = await this.get<{ resultType: string; result: unknown }>(path);
    if (resultType === "scalar") return [{ labels: {}, value: Number((result as [number, string])[1]) }];
    return (result as { metric: Labels; value: [number, string] }[]).map(({ metric, value }) => ({
      labels: metric,
      value: Number(value[1]),
    }));
  }

  /** What a query gives over a range. @param start s since 1970  @param end s since 1970  @param step s */
  async over(query: string, start: number, end: number, step: number): Promise<Range[]> {
    const path = `/api/v1/query_range?${search({ query, start, end, step })}`;
    const { result } = await this.get<{ result: { metric: Labels; values: [number, string][] }[] }>(path);
    return result.map(({ metric, values }) => ({ labels: metric, values: values.map(([at, value]) => [at, Number(value)] as const) }));
  }
}
