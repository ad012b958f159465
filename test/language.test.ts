import { languageOf, messages, speak } from "../src/language.ts";

afterEach(() => speak("en"));

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
  speak("es");
  expect(words.hello("Ana")).toBe("hola, Ana");
});

test("a message that a language lacks does not compile", () => {
  // @ts-expect-error: 'bye' has no Spanish
  messages({ en: { hello: "hello", bye: "bye" }, es: { hello: "hola" } });
});
