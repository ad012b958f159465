import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { languageOf, messages, setLocale } from "../src/language.ts";

afterEach(() => setLocale("en"));

test.each([
  [["verify", "--language", "es"], { LANG: "en_US.UTF-8", CLOUDNOVA_LANGUAGE: "en" }, "es"],
  [["--language=EN"], { LANG: "es_CO.UTF-8" }, "en"],
  [[], { CLOUDNOVA_LANGUAGE: "es", LC_ALL: "C" }, "es"],
  [[], { LC_ALL: "C.UTF-8", LANG: "es_ES" }, "en"], // as in POSIX: the strongest that is set decides
  [[], { LC_ALL: "", LC_MESSAGES: "es_MX", LANG: "en_GB" }, "es"],
  [[], { LANG: "es" }, "es"],
  [[], { LANG: "de_DE.UTF-8" }, "en"],
  [["--language"], {}, "en"],
  [[], {}, "en"],
] as const)("%j with %j is %s", (args, env, language) => {
  expect(languageOf(args, env)).toBe(language);
});

test("a message is read in the language that is set when it is said", () => {
  const words = messages({ en: { hello: (name: string) => `hello, ${name}` }, es: { hello: (name) => `hola, ${name}` } });
  expect(words.hello("Ana")).toBe("hello, Ana");
  setLocale("es");
  expect(words.hello("Ana")).toBe("hola, Ana");
});

test("a message that a language lacks does not compile", () => {
  // @ts-expect-error: 'bye' has no Spanish
  messages({ en: { hello: "hello", bye: "bye" }, es: { hello: "hola" } });
});

const files = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file));

test.each(files("src/messages"))("%s says each message in both languages, with the same arguments", async (file) => {
  const catalogues = Object.values(await import(`../${file}`)) as object[];
  expect(catalogues.length).toBeGreaterThan(0);
  const shape = (catalogue: object) =>
    Object.keys(catalogue).map((key) => {
      const message: unknown = Reflect.get(catalogue, key);
      return [key, typeof message, typeof message === "function" ? message.length : message === ""];
    });
  const english = catalogues.map(shape);
  setLocale("es");
  expect(catalogues.map(shape)).toEqual(english);
});

test.each(files("src/messages"))("%s quotes with «» in Spanish, with '' in English", (file) => {
  const [english = "", spanish = ""] = readFileSync(file, "utf8").split(/^ {2}es: /m);
  expect(spanish.match(/'[^'"\n]*'|[“”]/g)).toBeNull(); // what TypeScript itself quotes so has a " inside
  expect(english.match(/[«»“”]/g)).toBeNull();
});

test("errors are said in words of a catalogue, never in those of one language", () => {
  const spoken = ["src/cli", "src/cluster", "src/config", "src/drill", "src/target"].flatMap(files);
  // Errors, and what a request was for, which is told where it is refused.
  const told = /(?:new ClusterError|\.(?:expect|find))\(((?:[^;](?!=>))*)\)/g;
  const literal = /(["`])((?:(?!\1).)*)\1/gs;
  const literals = (text: string) =>
    [...text.matchAll(told)].flatMap(([, given = ""]) => [...given.matchAll(literal)].map(([, , one = ""]) => one));
  const found = spoken.flatMap((file) => literals(readFileSync(file, "utf8")).map((text) => `${file}: ${text}`));
  const ownNames = /: kind create cluster/; // what programs are called
  const said = (text: string) => text.replace(/^.*?: /, "").replace(/\$\{[^}]*\}/g, "");
  expect(found.length).toBeGreaterThan(30);
  expect(found.filter((text) => !ownNames.test(text) && /[a-z]{2,} [a-z]{2,}/.test(said(text)))).toEqual([]);
});

/** Programs whose messages are English alone, as the lines of their sources. */
const PROGRAMS = ["helper", "charts/files/mysql"].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(go|sh)$/.test(file) && !file.endsWith("_test.go"))
    .flatMap((file) =>
      readFileSync(join(folder, file), "utf8")
        .replace(/" ?\+\n\s*"/g, "")
        .replaceAll('\\"', '"')
        .split("\n"),
    ),
);

/** Whether a line of a program has the parts of a message in their order; `…` stands for what is put in. */
function isSaid(message: string, lines = PROGRAMS): boolean {
  const parts = message.split("…").map((part) => part.trim());
  const said = new RegExp(parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".*"));
  return lines.some((line) => said.test(line));
}

test("a message that no program says is found", () => {
  const lines = ['fmt.Errorf("the volume %s cannot be read: %w", key, err)'];
  expect([isSaid("the volume … cannot be read: …", lines), isSaid("the volume … cannot be written: …", lines)]).toEqual([true, false]);
});

const SPANISH = ["docs", "docs/runbooks"]
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((file) => file.endsWith(".es.md"));
const TABLE = /^\| mensaje \| qué dice \|\n\|---\|---\|\n((?:\|.*\n)+)/gm;
const TRANSLATED = SPANISH.flatMap((page) =>
  [...readFileSync(page, "utf8").matchAll(TABLE)].flatMap(([, rows = ""]) =>
    [...rows.matchAll(/^\| `([^`]+)` \|/gm)].map(([, message = ""]) => [page, message] as const),
  ),
);

test("each English message that a Spanish page explains is one that a program says", () => {
  expect(TRANSLATED.length).toBeGreaterThan(50);
  expect(TRANSLATED.filter(([, message]) => !isSaid(message))).toEqual([]);
});
