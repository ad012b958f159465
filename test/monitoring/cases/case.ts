/** Series for one alert: `fires` must make it fire at `at`, `holds` nearly does and must not. Prometheus' own notation, a value a minute. */
export interface AlertCase {
  readonly fires: Readonly<Record<string, string>>;
  readonly holds: Readonly<Record<string, string>>;
  /** Another that must not, for another reason. */
  readonly holdsToo?: Readonly<Record<string, string>>;
  /** When the alert is looked for. */
  readonly at: string;
  /** When it must still fire, where time alone must not end it. */
  readonly stillAt?: string;
}

export type AlertCases = Readonly<Record<string, AlertCase>>;

/** The machine's label in every case. */
export const NODE = 'instance="nova"';

/** One value every minute for an hour. */
export const steady = (value: number) => `${value}x60`;
/** A counter that grows by so much a minute, for as many minutes. */
export const growing = (perMinute: number, minutes = 60) => `0+${perMinute}x${minutes}`;
