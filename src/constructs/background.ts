/** Annotation of a Job that runs beside everything else: nothing waits for its end. */
export const BACKGROUND = { "cloudnova.dev/background": "true" } as const;

/** Whether an object is such a Job. */
export const isBackground = ({ metadata }: { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> } }): boolean =>
  Object.entries(BACKGROUND).every(([key, value]) => metadata?.annotations?.[key] === value);
