import { evidence as say } from "../messages/evidence.ts";
import type { Series } from "./model.ts";

/** Asks one server for JSON by path; throws in words when it answers anything but 200. */
export type Ask = (path: string) => Promise<unknown>;

type Labels = Readonly<Record<string, string>>;
/** One series of an instant query. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}
/** One series of a range query. */
interface Range {
  readonly labels: Labels;
  readonly values: readonly (readonly [number, number])[];
}

/** What Prometheus' API wraps its answers in. */
async function data<T>(ask: Ask, path: string): Promise<T> {
  const answer = (await ask(path)) as { status?: string; error?: string; data?: T };
  if (answer.status !== "success" || answer.data === undefined) throw new Error(say.prometheus(answer.error ?? "?"));
  return answer.data;
}

const search = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    .join("&");

/** Prometheus' HTTP API, as far as the evidence needs it (its documentation, "HTTP API"). */
export class Prometheus {
  constructor(private readonly ask: Ask) {}

  async newest(query: string, at: Date): Promise<Sample[]> {
    const path = `/api/v1/query?${search({ query, time: at.getTime() / 1000 })}`;
    const { resultType, result } = await data<{ resultType: string; result: unknown }>(this.ask, path);
    if (resultType === "scalar") return [{ labels: {}, value: Number((result as [number, string])[1]) }];
    return (result as { metric: Labels; value: [number, string] }[]).map(({ metric, value }) => ({
      labels: metric,
      value: Number(value[1]),
    }));
  }

  async over(query: string, start: number, end: number, step: number): Promise<Range[]> {
    const path = `/api/v1/query_range?${search({ query, start, end, step })}`;
    const { result } = await data<{ result: { metric: Labels; values: [number, string][] }[] }>(this.ask, path);
    return result.map(({ metric, values }) => ({ labels: metric, values: values.map(([at, value]) => [at, Number(value)] as const) }));
  }

  get<T>(path: string): Promise<T> {
    return data<T>(this.ask, path);
  }
}

/** A legend's text: `{{label}}` filled in; without a format, the labels that tell one series from another. */
export function legend(format: string, labels: Labels): string {
  if (format && format !== "__auto") return format.replaceAll(/{{\s*(\w+)\s*}}/g, (_, name: string) => labels[name] ?? "").trim();
  return Object.entries(labels)
    .filter(([name]) => name !== "__name__")
    .map(([, value]) => value)
    .join(" ");
}

/** A series on every step of the range: null where Prometheus has no value, so that a gap is drawn as one. */
export function onSteps(name: string, values: Range["values"], start: number, end: number, step: number): Series {
  const known = new Map(values.map(([at, value]) => [Math.round((at - start) / step), value]));
  const count = Math.floor((end - start) / step) + 1;
  const points = Array.from({ length: count }, (_, index) => [start + index * step, known.get(index) ?? null] as const);
  return { name, points: points.map(([at, value]) => [at, value !== null && Number.isFinite(value) ? value : null] as const) };
}
