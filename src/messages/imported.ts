import { messages } from "../language.ts";

/** What is wrong with an imported dashboard that an environment names. */
export const configuration = messages({
  en: {
    notThere: (file: string) => `there is no ${file}; bring it with 'npm run cloudnova -- dashboards import ID|FILE'`,
    notImported: (file: string) =>
      `${file} is no imported dashboard; give it to 'npm run cloudnova -- dashboards import', which writes one`,
    series: (message: string, more: number) => `${message}. Some ${more} series are for the imported dashboards: import fewer of them`,
    clash: {
      title: (value: string, [one, other]: readonly [string, string]) =>
        `'${one}' and '${other}' both have the title '${value}', and Grafana stores no dashboard of a folder in which two have one title; import one again with --title`,
      uid: (value: string, [one, other]: readonly [string, string]) =>
        `'${one}' and '${other}' both have the uid '${value}', and Grafana stores no dashboard while two have one uid; take one out, or change "uid" in its JSON and import it again`,
    },
  },
  es: {
    notThere: (file) => `no existe ${file}; tráigalo con «npm run cloudnova -- dashboards import ID|ARCHIVO»`,
    notImported: (file) => `${file} no es un tablero importado; déselo a «npm run cloudnova -- dashboards import», que escribe uno`,
    series: (message, more) => `${message}. Unas ${more} series son de los tableros importados: importe menos`,
    clash: {
      title: (value, [one, other]) =>
        `«${one}» y «${other}» tienen el título «${value}», y Grafana no guarda ningún tablero de una carpeta en la que dos tienen el mismo título; importe uno de nuevo con --title`,
      uid: (value, [one, other]) =>
        `«${one}» y «${other}» tienen el uid «${value}», y Grafana no guarda ningún tablero mientras dos tengan el mismo uid; quite uno, o cambie "uid" en su JSON e impórtelo de nuevo`,
    },
  },
});
