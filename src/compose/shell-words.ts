/** A quoted part, an escaped character, or a plain one. */
const PART = /'([^']*)'?|"((?:\\.|[^"\\])*)"?|\\([\s\S])|([^\s'"\\]+)/g;

/** Splits a command as a shell does, without running anything: quotes and backslashes, no variables. */
export function shellWords(text: string): string[] {
  const words = text.match(/(?:'[^']*'?|"(?:\\.|[^"\\])*"?|\\[\s\S]|[^\s'"\\])+/g) ?? [];
  return words.map((word) =>
    word.replace(
      PART,
      (_, single?: string, double?: string, escaped?: string, plain?: string) =>
        single ?? double?.replace(/\\([\s\S])/g, "$1") ?? escaped ?? plain ?? "",
    ),
  );
}
