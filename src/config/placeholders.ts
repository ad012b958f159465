/**
 * What stands for something of an application's database, such as `{database.host}`, and slips such as `{ database.Host }`. Text in double
 * braces, such as `{{database.host}}`, is the text `{database.host}` itself.
 */
const PLACEHOLDER = /(\{+)(\s*database\b[^{}]*)(\}+)/gi;

const isEscaped = (open: string, close: string): boolean => open.length > 1 && close.length > 1;

/** The placeholders of a text, such as `{database.host}`; those in double braces are none. */
export const placeholdersIn = (text: string): string[] =>
  [...text.matchAll(PLACEHOLDER)].flatMap(([, open = "", inner = "", close = ""]) => (isEscaped(open, close) ? [] : [`{${inner}}`]));

/** A text with a value in the place of each placeholder, and with one pair of braces less where they are double. */
export const fillPlaceholders = (text: string, replace: (placeholder: string) => string): string =>
  text.replaceAll(PLACEHOLDER, (found: string, open: string, inner: string, close: string) =>
    isEscaped(open, close) ? found.slice(1, -1) : `${open.slice(1)}${replace(`{${inner}}`)}${close.slice(1)}`,
  );

/** The text that an environment file has for a text which holds no placeholder. */
export const escapePlaceholders = (text: string): string => text.replaceAll(PLACEHOLDER, (found) => `{${found}}`);
