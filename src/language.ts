/** The languages that people are spoken to in. */
export const LANGUAGES = ["en", "es"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The file of a page in one language: NAME.md is English, NAME.es.md Spanish, everywhere in this repository. */
export const pageName = (name: string, language: Language): string => (language === "en" ? `${name}.md` : `${name}.${language}.md`);

let current: Language = "en";

/** Sets the language of everything that is said from here on; once, where a program begins. */
export function setLocale(language: Language): void {
  current = language;
}

/**
 * A catalogue of messages: an object of texts, and of functions that make one, in every language. Each subject has its own below
 * `src/messages/`; a message that one language lacks, or that takes other arguments there, does not compile.
 *
 *     export const logs = messages({
 *       en: { none: (name: string) => `there is no container ${name}` },
 *       es: { none: (name) => `no hay ningún contenedor ${name}` },
 *     });
 *     throw new ClusterError(logs.none("webapp"));
 *
 * Read a message where it is said: a constant of a module would keep the language that was set when it was loaded. What programs
 * read (keys and names in `--output json`, exit codes, names of Kubernetes) is not translated.
 */
export function messages<T extends object>(texts: { readonly en: T; readonly es: NoInfer<T> }): T {
  return new Proxy(texts.en, { get: (_, key) => Reflect.get(texts[current], key) });
}

/** What decides the language in a POSIX locale, the strongest first. */
const LOCALES = ["LC_ALL", "LC_MESSAGES", "LANG"] as const;

const known = (text: string | undefined): Language | undefined => LANGUAGES.find((one) => one === text?.toLowerCase());

/**
 * The language of a command line: `--language`, then CLOUDNOVA_LANGUAGE, then the first of LC_ALL, LC_MESSAGES and LANG that is set;
 * English where none of them says Spanish, as in `LANG=C`. Read before the command line is parsed, since the help is told in it, too.
 */
export function languageOf(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Language {
  const at = args.findIndex((arg) => /^--language(=|$)/.test(arg));
  const asked = at < 0 ? undefined : (args[at]?.split("=")[1] ?? args[at + 1]);
  const locale = LOCALES.map((name) => env[name]).find((text) => text);
  return known(asked) ?? known(env.CLOUDNOVA_LANGUAGE) ?? known(locale?.split(/[_.@]/)[0]) ?? "en";
}
