/**
 * The languages of messages and pages. Texts are written in two forms, and `pick` reads both:
 *
 * - What the command line prints is in catalogues, `messages({ en, es })` below src/messages/, in the language of the command line. A
 *   generated page has a table of its own words of the same form.
 * - A text of a table (title of a panel, summary of an alert, description of a configuration key, words of the evidence page) is a
 *   `Text`, `{ es, en }`, in the language of the environment or of the page. The legend of a query is its key, so it holds both
 *   languages in one string (`legendOf` in src/monitoring/dashboards/panel.ts).
 *
 * The web application is Python and uses gettext (webapp/src/cloudnova_webapp/translations/).
 */
export const LANGUAGES = ["en", "es"] as const;
export type Language = (typeof LANGUAGES)[number];
export type Localized<T> = Readonly<Record<Language, T>>;
/** A text in each language. */
export type Text = Localized<string>;

/** The text, or the words, in one language. */
export const pick = <T>(texts: Localized<T>, language: Language): T => texts[language];

/** The file of a page in one language: NAME.md is English, NAME.es.md Spanish, everywhere in this repository. */
export const pageName = (name: string, language: Language): string => (language === "en" ? `${name}.md` : `${name}.${language}.md`);

let current: Language = "en";

/** Sets the language of all messages from here on; once, where a program begins. */
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
 * Read a message where it is printed: a constant of a module would keep the language that was set when it was loaded. What programs
 * read (keys and names in `--output json`, exit codes, names of Kubernetes) is not translated.
 */
export function messages<T extends object>(texts: { readonly en: T; readonly es: NoInfer<T> }): T {
  return new Proxy(texts.en, { get: (_, key) => Reflect.get(pick(texts, current), key) });
}

/** What decides the language in a POSIX locale, the strongest first. */
const LOCALES = ["LC_ALL", "LC_MESSAGES", "LANG"] as const;

const known = (text: string | undefined): Language | undefined => LANGUAGES.find((one) => one === text?.toLowerCase());

/**
 * The language of a command line: `--language`, then CLOUDNOVA_LANGUAGE, then the first of LC_ALL, LC_MESSAGES and LANG that is set;
 * English where none of them says Spanish, as in `LANG=C`. Read before the command line is parsed, since the help is printed in it, too.
 */
export function languageOf(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Language {
  const at = args.findIndex((arg) => /^--language(=|$)/.test(arg));
  const asked = at < 0 ? undefined : (args[at]?.split("=")[1] ?? args[at + 1]);
  const locale = LOCALES.map((name) => env[name]).find((text) => text);
  return known(asked) ?? known(env.CLOUDNOVA_LANGUAGE) ?? known(locale?.split(/[_.@]/)[0]) ?? "en";
}
