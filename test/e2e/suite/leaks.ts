/** A text in which no Secret may be. */
export interface Place {
  readonly name: string;
  readonly text: string;
}

/** A value that nobody may read, and what it is called: never shown itself. */
export interface Canary {
  readonly name: string;
  readonly value: string;
}

/** Keys of Secrets that anybody may read: certificates. */
const PUBLIC = new Set(["tls.crt", "ca.crt"]);
/** Shorter ones are found by chance. */
const SHORTEST = 12;

/** The values of Secrets, as `kubectl get secrets --output json` has them. @throws Error where one is too short to look for */
export function canariesOf(secrets: readonly { metadata: { name: string; namespace: string }; data?: Record<string, string> }[]): Canary[] {
  return secrets.flatMap(({ metadata, data = {} }) =>
    Object.entries(data)
      .filter(([key]) => !PUBLIC.has(key))
      .map(([key, encoded]) => {
        const value = Buffer.from(encoded, "base64").toString().trim();
        const name = `${metadata.namespace}/${metadata.name}, ${key}`;
        if (value.length < SHORTEST) throw new Error(`${name}: ${value.length} characters are too few to look for`);
        return { name, value };
      }),
  );
}

/** The base64 of a text, wherever in a longer text it begins: three forms, without the characters that depend on what is around it. */
function inBase64(value: string): string[] {
  return [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
    return whole.toString("base64").slice(Math.ceil((before * 4) / 3), Math.floor((whole.length * 8) / 6));
  });
}

/** How a value may be written: as it is, in base64, in a URL, in JSON. Of a key of several lines, its longest line. */
export function formsOf(value: string): string[] {
  const longest = value.split("\n").reduce((one, other) => (other.length > one.length ? other : one));
  return [
    ...new Set([longest, ...inBase64(value), ...inBase64(longest), encodeURIComponent(longest), JSON.stringify(longest).slice(1, -1)]),
  ];
}

/** Where which value is: the names of both, one sentence each. */
export function leaksIn(places: readonly Place[], canaries: readonly Canary[]): string[] {
  return canaries.flatMap(({ name, value }) => {
    const forms = formsOf(value);
    return places.filter(({ text }) => forms.some((form) => text.includes(form))).map((place) => `${name} is in ${place.name}`);
  });
}
