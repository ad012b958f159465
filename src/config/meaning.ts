import type { Language } from "../language.ts";

/** What a key of an environment means, in each language: `z.string().meta({ en: "…", es: "…" })`. */
export type Meaning = Readonly<Record<Language, string>>;

declare module "zod" {
  interface GlobalMeta extends Partial<Meaning> {}
}
