const SUFFIXES: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
  u: 1e-6,
  n: 1e-9,
};

/** A quantity of the API in its base unit (bytes, cores), in any of the forms that others' manifests have. */
export function amount(text: string | number = 0): number {
  const [, digits = "0", suffix = ""] = /^([\d.]+(?:[eE][-+]?\d+)?)([a-zA-Z]{0,2})$/.exec(String(text)) ?? [];
  return Number(digits) * (SUFFIXES[suffix] ?? Number.NaN);
}

/** A quantity of memory in MiB. */
export const mib = (text?: string) => amount(text) / 1024 ** 2;
/** A quantity of CPU in millicores. */
export const milli = (text?: string) => amount(text) * 1000;
