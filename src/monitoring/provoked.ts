/**
 * What an alert drill provokes, as it stands in the matchers that leave it out: were it counted, a drill of a minute would break
 * the promises of a day, and the alert for its pod that crashed on purpose would fire for another half hour.
 */
export const PROVOKED = { routes: "|/debug/.+", containers: "|drill" } as const;

/** A query that counts what is provoked, too: what a drill itself looks at. */
export const withProvoked = (query: string): string => Object.values(PROVOKED).reduce((text, part) => text.replaceAll(part, ""), query);
