import type { Language } from "../language.ts";

/** A family of units: each is so many of the one before. */
interface Scale {
  readonly by: number;
  readonly names: readonly string[];
}

const IEC: Scale = { by: 1024, names: ["B", "KiB", "MiB", "GiB", "TiB"] };
const SI: Scale = { by: 1000, names: ["B", "kB", "MB", "GB", "TB"] };
const COUNT: Scale = { by: 1000, names: ["", "K", "M", "G", "T"] };

/** How a number of one of Grafana's units is written, in the step of the unit that fits `like`; `text` writes a number with few digits. */
type Writer = (value: number, text: (value: number) => string, like: number) => string;

const scaled =
  ({ by, names }: Scale, end = ""): Writer =>
  (value, text, like) => {
    const size = Math.abs(like) < 1 ? 0 : Math.min(names.length - 1, Math.floor(Math.log(Math.abs(like)) / Math.log(by)));
    return `${text(value / by ** size)} ${names[size]}${end}`.trim();
  };

const after =
  (unit: string): Writer =>
  (value, text) =>
    `${text(value)} ${unit}`;

/** Seconds, in the unit that people would say: from which value on, its length, its name. */
const TIMES: readonly (readonly [from: number, length: number, name: string])[] = [
  [86_400 * 2, 86_400, "d"],
  [3600 * 2, 3600, "h"],
  [120, 60, "min"],
  [1, 1, "s"],
  [1e-3, 1e-3, "ms"],
  [1e-6, 1e-6, "µs"],
  [0, 1e-9, "ns"],
];

const time =
  (inSeconds: number): Writer =>
  (value, text, like) => {
    if (like === 0) return "0 s";
    const [, length, name] = TIMES.find(([from]) => Math.abs(like * inSeconds) >= from) ?? [0, 1, "s"];
    return `${text((value * inSeconds) / length)} ${name}`;
  };

/** Grafana's unit ids (its documentation, "Standard options") that dashboards use. Others are written with their own name. */
const WRITERS: Readonly<Record<string, Writer>> = {
  "": scaled(COUNT),
  none: (value, text) => text(value),
  short: scaled(COUNT),
  percent: after("%"),
  percentunit: (value, text) => `${text(value * 100)} %`,
  bytes: scaled(IEC),
  decbytes: scaled(SI),
  Bps: scaled(SI, "/s"),
  binBps: scaled(IEC, "/s"),
  bps: scaled({ by: 1000, names: ["b", "kb", "Mb", "Gb", "Tb"] }, "/s"),
  reqps: scaled(COUNT, " req/s"),
  ops: scaled(COUNT, " ops/s"),
  iops: scaled(COUNT, " io/s"),
  pps: scaled(COUNT, " p/s"),
  s: time(1),
  ms: time(1e-3),
  µs: time(1e-6),
  ns: time(1e-9),
  m: time(60),
  h: time(3600),
  d: time(86_400),
  dtdurations: time(1),
};

/** Units whose steps are 1024. */
const BINARY: ReadonlySet<string> = new Set(["bytes", "binBps"]);

/**
 * The distance between an axis' ticks for units of 1024: a power of two, because 2 GB is 1.863 GiB. Undefined for other units, whose
 * ticks are round as they are.
 *
 * @param span from the axis' one end to the other
 */
export function tickOf(unit: string, span: number): number | undefined {
  return BINARY.has(unit) && span > 0 && Number.isFinite(span) ? 2 ** Math.ceil(Math.log2(span / 5)) : undefined;
}

/**
 * A value in Grafana's unit, for people: `1.5 GiB`, in Spanish `1,5 GiB`.
 *
 * @param like a value whose step of the unit this one is written in, so that an axis has one. @default the value itself
 */
export function withUnit(value: number, unit: string, language: Language, like = value): string {
  const format = new Intl.NumberFormat(language, { maximumSignificantDigits: 4, useGrouping: Math.abs(value) >= 10_000 });
  const text = (number: number) => (Number.isFinite(number) ? format.format(number) : "–");
  if (!Number.isFinite(value)) return "–";
  return (WRITERS[unit] ?? after(unit))(value, text, like);
}
