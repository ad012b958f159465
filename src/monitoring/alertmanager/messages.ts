import { type Language, pick, type Text } from "../../language.ts";
import chat from "./templates/chat.tmpl";
import common from "./templates/common.tmpl";
import mail from "./templates/mail.tmpl";

/** The texts of the templates; the texts of an alert are in its rule. */
const WORDS: Readonly<Record<string, Text>> = {
  language: { es: "es", en: "en" },
  critical: { es: "Crítica", en: "Critical" },
  warning: { es: "Advertencia", en: "Warning" },
  info: { es: "Información", en: "Info" },
  resolved: { es: "Resuelta", en: "Resolved" },
  since: { es: "Desde", en: "Since" },
  until: { es: "hasta", en: "until" },
  runbook: { es: "Runbook", en: "Runbook" },
  dashboard: { es: "Tablero", en: "Dashboard" },
  inAll: { es: "en total", en: "in total" },
};

/** The settings of the templates. */
export interface MessageSettings {
  readonly language: Language;
  /** Time zone of the times in messages. */
  readonly timeZone: string;
  /** The name by which people know the installation. */
  readonly host: string;
}

/** Alertmanager's templates by file name, in the environment's language. */
export function messageTemplates({ language, ...facts }: MessageSettings): Record<string, string> {
  const words: Record<string, string> = {
    ...facts,
    ...Object.fromEntries(Object.entries(WORDS).map(([key, text]) => [key, pick(text, language)])),
  };
  const filled = (text: string) =>
    text.replace(/\[\[(\w+)\]\]/g, (mark, key: string) => {
      const word = words[key];
      if (word === undefined) throw new Error(`no word for ${mark}`);
      return word;
    });
  return { "common.tmpl": filled(common), "mail.tmpl": filled(mail), "chat.tmpl": filled(chat) };
}
