import { Document, isMap, type Pair, type Scalar, type YAMLMap } from "yaml";

/** One key of the environment file, with the reason for its value. */
export interface Entry {
  readonly key: string;
  readonly value: string | number | boolean | readonly string[] | readonly Entry[];
  /** Written above it as a comment. */
  readonly why?: string;
}

export const entry = (key: string, value: Entry["value"], why?: string): Entry => ({ key, value, ...(why !== undefined && { why }) });

const isEntries = (value: Entry["value"]): value is readonly Entry[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "object");

/** Entries as the data that YAML reads from what is written. */
export function plainOf(entries: readonly Entry[]): Record<string, unknown> {
  return Object.fromEntries(entries.map(({ key, value }) => [key, isEntries(value) ? plainOf(value) : value]));
}

/** Columns at which a comment is broken. */
const WIDTH = 110;

/** A text in lines of a comment; a line break in it stays one. */
function comment(text: string): string {
  const lines = text.split("\n").flatMap((whole) => {
    const broken: string[] = [];
    let line = "";
    for (const word of whole.split(" ")) {
      if (line !== "" && line.length + word.length >= WIDTH) {
        broken.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    return [...broken, line];
  });
  return lines.map((line) => ` ${line}`).join("\n");
}

function annotate(map: YAMLMap, entries: readonly Entry[]): void {
  entries.forEach(({ why, value }, index) => {
    const pair = map.items[index] as Pair<Scalar, unknown> | undefined;
    if (!pair) return;
    if (why !== undefined) {
      // The comment of a map's first key belongs to the map itself.
      if (index === 0 && map !== undefined) map.commentBefore = comment(why);
      else pair.key.commentBefore = comment(why);
    }
    if (isEntries(value) && isMap(pair.value)) annotate(pair.value, value);
    // A short list stands on its line.
    else if (Array.isArray(value) && typeof pair.value === "object" && pair.value !== null)
      Object.assign(pair.value, { flow: JSON.stringify(value).length < 90 });
  });
}

/** The text of an environment file. @param head comment at its top */
export function environmentText(entries: readonly Entry[], head: readonly string[]): string {
  const document = new Document(plainOf(entries));
  if (isMap(document.contents)) annotate(document.contents as YAMLMap, entries);
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: false });
  return `${head.map((line) => `# ${line}`).join("\n")}\n${text}`;
}
