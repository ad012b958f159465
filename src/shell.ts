/** A text between quotes, as a POSIX shell takes it whatever is in it. */
export const inQuotes = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A word as a POSIX shell takes it: in quotes unless it needs none. */
export const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : inQuotes(word));
