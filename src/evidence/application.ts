import type { Shown as Certificate, IngressEndpoint } from "../cluster/transport/ingress-client.ts";
import { endpointOf, startPageOf } from "../cluster/verify/own-applications-check.ts";
import type { Config } from "../config/resolve.ts";
import { type Language, pick } from "../language.ts";
import { evidence as say } from "../messages/evidence.ts";
import { photograph } from "./browser.ts";
import { type Part, type Picture, part } from "./model.ts";

/** A page of an application, as it is photographed. */
export interface ApplicationPage {
  readonly ingress: IngressEndpoint;
  readonly path: string;
  readonly title: Readonly<Record<Language, string>>;
}

/** The sample's pages. */
const SAMPLE_PAGES = [
  { path: "/", title: { es: "Inicio: qué instancia respondió", en: "Home: which instance answered" } },
  { path: "/users", title: { es: "Lista de usuarios", en: "List of users" } },
] as const;

/** What is photographed: the sample's pages where it runs, and the start page of each application of the user's. */
export function pagesOf({ sample, applications }: Pick<Config, "sample" | "applications">, ingress: IngressEndpoint): ApplicationPage[] {
  const own = applications.map((one) => ({
    ingress: endpointOf(one, ingress),
    path: startPageOf(one),
    title: { es: `Página de inicio de ${one.name}`, en: `Start page of ${one.name}` },
  }));
  return [...(sample ? SAMPLE_PAGES.map((page) => ({ ...page, ingress })) : []), ...own];
}

/** A browser's window, as wide as the pages of a laptop. */
const WINDOW = { width: 1200, height: 760 };

/** The certificate in words: for whom, by whom, and how long. */
export function certificateWords({ names, issuer, until }: Certificate, language: Language, now: Date): string {
  const days = Math.floor((until.getTime() - now.getTime()) / 86_400_000);
  const list = names.join(", ");
  const text = {
    es: `para ${list}, emitido por «${issuer}», válido ${days} días más`,
    en: `for ${list}, issued by '${issuer}', valid for ${days} more days`,
  };
  return pick(text, language);
}

/** The address that a visitor types. */
export const publicUrl = ({ host, httpsPort }: IngressEndpoint, path: string): string =>
  `https://${host}${httpsPort === 443 ? "" : `:${httpsPort}`}${path}`;

/** The applications' pages on HTTPS, with the certificate that the ingress showed as the only one that is let pass. */
export async function applicationPictures(
  browser: string | undefined,
  pages: readonly ApplicationPage[],
  certificate: Buffer,
  language: Language,
  signal: AbortSignal,
): Promise<Part<Part<Picture>[]>> {
  if (!browser) return { failed: say.noBrowser };
  const pictures: Part<Picture>[] = [];
  for (const { ingress, path, title } of pages) {
    const url = publicUrl(ingress, path);
    pictures.push(
      await part(async () => {
        const data = await photograph(browser, { url, address: ingress.address, certificate, language, ...WINDOW }, signal);
        return { title: pick(title, language), address: url, data: data.toString("base64") };
      }),
    );
  }
  return { value: pictures };
}
