import { messages } from "../language.ts";

/** What is wrong with an imported dashboard that an environment names. */
export const configuration = messages({
  en: {
    notThere: (file: string) => `there is no ${file}; bring it with 'cloudnova dashboards import ID|FILE'`,
    notImported: (file: string) => `${file} is no imported dashboard; give it to 'cloudnova dashboards import', which writes one`,
    series: (message: string, more: number) => `${message}. Some ${more} series are for the imported dashboards: import fewer of them`,
  },
  es: {
    notThere: (file) => `no existe ${file}; tráigalo con «cloudnova dashboards import ID|ARCHIVO»`,
    notImported: (file) => `${file} no es un tablero importado; déselo a «cloudnova dashboards import», que escribe uno`,
    series: (message, more) => `${message}. Unas ${more} series son de los tableros importados: importe menos`,
  },
});
