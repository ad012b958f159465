import { messages } from "../language.ts";

/** Errors of an imported dashboard that an environment uses. */
export const configuration = messages({
  en: {
    notThere: (file: string) => `${file} does not exist; import it with 'npx cloudnova dashboards import ID|FILE'`,
    notImported: (file: string) => `${file} is not an imported dashboard; import it with 'npx cloudnova dashboards import'`,
    series: (message: string, more: number) => `${message}. About ${more} series are for the imported dashboards: import fewer of them`,
    clash: {
      title: (value: string, [one, other]: readonly [string, string]) =>
        `'${one}' and '${other}' both have the title '${value}', and Grafana loads no dashboard of a folder that has a title twice; import one again with --title`,
      uid: (value: string, [one, other]: readonly [string, string]) =>
        `'${one}' and '${other}' both have the uid '${value}', and Grafana loads no dashboard while two have the same uid; remove one, or change "uid" in its JSON and import it again`,
    },
  },
  es: {
    notThere: (file) => `no existe ${file}; impórtelo con «npx cloudnova dashboards import ID|ARCHIVO»`,
    notImported: (file) => `${file} no es un tablero importado; impórtelo con «npx cloudnova dashboards import»`,
    series: (message, more) => `${message}. Unas ${more} series son de los tableros importados: importe menos`,
    clash: {
      title: (value, [one, other]) =>
        `«${one}» y «${other}» tienen el título «${value}», y Grafana no carga ningún tablero de una carpeta que tenga un título dos veces; importe uno de nuevo con --title`,
      uid: (value, [one, other]) =>
        `«${one}» y «${other}» tienen el uid «${value}», y Grafana no carga ningún tablero mientras dos tengan el mismo uid; quite uno, o cambie "uid" en su JSON e impórtelo de nuevo`,
    },
  },
});
