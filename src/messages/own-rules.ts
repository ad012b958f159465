import { messages } from "../language.ts";

/** Messages about files of Prometheus rules of the user's. */
export const own = messages({
  en: {
    cannotRead: (code: string) => `cannot be read (${code}); write its path from the environment file's folder, such as rules/shop.yaml`,
    tooLarge: (most: number) => `larger than ${most} bytes, which a ConfigMap cannot hold; split it into two files`,
    fileName: (name: string) => `'${name}' names a ConfigMap; rename the file: lower-case letters, digits and '-'`,
    sameName: (name: string) => `another file is called '${name}' too, which names a ConfigMap; rename one of them`,
    labelName: "a label's name: letters, digits and '_', not beginning with a digit",
    metricName: "a metric's name: letters, digits, '_' and ':', not beginning with a digit",
    rule: "a rule of Prometheus: alert with expr, for, keep_firing_for, labels and annotations, or record with expr and labels",
    groupTwice: "another group of the file has this name; Prometheus refuses the file",
    groupTaken: (name: string) => `CloudNova has a group '${name}' too; give the group another name`,
    noMetrics: (name: string, job: string) =>
      `the dashboard '${name}' needs metrics of the application '${job}', which has no metrics in this environment: write applications.${job}.metrics, or remove the dashboard`,
  },
  es: {
    cannotRead: (code) =>
      `no se puede leer (${code}); escriba su ruta desde la carpeta del archivo de entorno, por ejemplo rules/tienda.yaml`,
    tooLarge: (most) => `de más de ${most} bytes, lo que no cabe en un ConfigMap; divídalo en dos archivos`,
    fileName: (name) => `«${name}» da nombre a un ConfigMap; cambie el nombre del archivo: minúsculas, dígitos y «-»`,
    sameName: (name) => `otro archivo también se llama «${name}», que da nombre a un ConfigMap; cambie el nombre de uno`,
    labelName: "el nombre de una etiqueta: letras, dígitos y «_», sin empezar por un dígito",
    metricName: "el nombre de una métrica: letras, dígitos, «_» y «:», sin empezar por un dígito",
    rule: "una regla de Prometheus: alert con expr, for, keep_firing_for, labels y annotations, o record con expr y labels",
    groupTwice: "otro grupo del archivo tiene este nombre; Prometheus rechaza el archivo",
    groupTaken: (name) => `CloudNova también tiene un grupo «${name}»; dé otro nombre al grupo`,
    noMetrics: (name, job) =>
      `el tablero «${name}» necesita métricas de la aplicación «${job}», que en este entorno no tiene metrics: escriba applications.${job}.metrics, o quite el tablero`,
  },
});
