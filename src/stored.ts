/**
 * A value within a manifest. What is read here is the kind of field that holds it, by its name: the same in every kind of object.
 */
type Value = unknown;

/** Fields that hold quantities by name of the resource. */
const QUANTITIES = new Set(["requests", "limits"]);
/** Fields that hold one quantity. */
const QUANTITY = new Set(["sizeLimit", "divisor", "averageValue"]);

/**
 * Defaults that the API server adds within fields that server-side apply compares as a whole (`x-kubernetes-map-type` or
 * `x-kubernetes-list-type: atomic` in the API's schema): pods' env, the sources of projected volumes, what an admission policy
 * matches. Elsewhere a default that a manifest leaves out is a field without an owner, and makes no conflict.
 */
const DEFAULTS: Readonly<Record<string, object>> = {
  fieldRef: { apiVersion: "v1" },
  resourceFieldRef: { divisor: "0" },
  serviceAccountToken: { expirationSeconds: 3600 },
  matchConstraints: { matchPolicy: "Equivalent", namespaceSelector: {}, objectSelector: {} },
};

/** Values that the API server leaves out (`omitempty` in the API's Go types): a field that is not there has the same meaning. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  apiGroup: '""',
  minReadySeconds: "0",
  hostNetwork: "false",
  readOnly: "false",
  externalIPs: "[]",
  resourceNames: "[]",
};

/**
 * An object in the form in which the API server stores it, as far as the spelling makes a difference: whoever applies it
 * server-side after another program would otherwise conflict over the same value written in two ways.
 * The meaning stays: the server makes the same object, and the same pods, of both.
 */
export function asStored<T>(object: T): T {
  return stored(object, "") as T;
}

function stored(value: Value, field: string): Value {
  if (Array.isArray(value)) return value.map((item) => stored(item, ""));
  if (QUANTITY.has(field)) return quantityAsStored(value as string | number);
  if (typeof value !== "object" || value === null) return value;
  const read = QUANTITIES.has(field) ? quantityAsStored : stored;
  const children = Object.entries(value).filter(([key, child]) => JSON.stringify(child) !== LEFT_OUT[key]);
  return { ...DEFAULTS[field], ...Object.fromEntries(children.map(([key, child]) => [key, read(child as string, key)])) };
}

const NANO = 10n ** 9n;
const DECIMAL = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/**
 * A quantity as the API server stores it (apimachinery's `Quantity.String`): the number has no fraction and the suffix is the
 * largest that allows it. `1000m` is `1`, `0.5` is `500m`, `1.5Gi` is `1536Mi`. Text of another form is returned as it is.
 */
export function quantityAsStored(quantity: string | number): string {
  const [, whole = "", fraction = "", suffix = ""] = /^(\d+)(?:\.(\d*))?([A-Za-z]{0,2})$/.exec(String(quantity)) ?? [];
  const [decimal, binary] = [DECIMAL.indexOf(suffix), BINARY.indexOf(suffix)];
  if (whole === "" || (decimal < 0 && binary < 0)) return String(quantity);
  const unit = decimal >= 0 ? 1000n ** BigInt(decimal) : NANO * 1024n ** BigInt(binary);
  const nanos = upTo(BigInt(whole + fraction) * unit, 10n ** BigInt(fraction.length));
  const isBinary = decimal < 0 && nanos >= 1024n * NANO && nanos % NANO === 0n;
  return isBinary ? shortest(nanos / NANO, 1024n, BINARY) : shortest(nanos, 1000n, DECIMAL);
}

/** Divides and rounds up, as the server rounds. */
const upTo = (value: bigint, divisor: bigint): bigint => (value + divisor - 1n) / divisor;

function shortest(value: bigint, step: bigint, suffixes: readonly string[]): string {
  if (value === 0n) return "0";
  let [number, index] = [value, 0];
  while (number % step === 0n && index < suffixes.length - 1) [number, index] = [number / step, index + 1];
  return `${number}${suffixes[index]}`;
}
