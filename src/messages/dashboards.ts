import { messages } from "../language.ts";

/** A character by its number in Unicode, and as it is where it can be seen. */
const codePoint = (character: string): string => {
  const number = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  return /[\p{L}\p{P}\p{S}]/u.test(character) ? `${number} (${character})` : number;
};

/** Messages of `dashboards import`. */
export const dashboards = messages({
  en: {
    tooLarge: (bytes: number) => `larger than ${bytes} bytes; this is not a dashboard`,
    noJson: (why: string) => `not JSON: ${why}`,
    noDashboard: "not a dashboard: it has no title or no panels; export it in Grafana with Export → JSON (classic)",
    newSchema: (version: string) =>
      `a dashboard of Grafana's new schema (${version}), which is not supported; export it with Export → JSON → classic`,
    libraryPanels:
      "it has library panels, which are stored in the Grafana of its origin; unlink them there (panel menu → Unlink) and export it again",
    badName: (name: string) =>
      `'${name}' is not a valid name; give one with --name: lower-case letters, digits and '-', up to 40 characters`,
    nameTaken: (name: string) => `'${name}' is the name of a dashboard of CloudNova; give another with --name`,
    clash: {
      title: (title: string, other: string) =>
        `the dashboard '${other}' already has the title '${title}', and Grafana loads no dashboard of a folder that has a title twice; give another with --title`,
      uid: (uid: string, other: string) =>
        `the dashboard '${other}' already has the uid '${uid}', and Grafana loads no dashboard while two have the same uid; change "uid" in its JSON, delete environments/dashboards/${other}.json, or replace that file with --name ${other}`,
    },
    tooManyBytes: (bytes: number, most: number) =>
      `${bytes} bytes in a ConfigMap; the maximum is ${most}; split it in Grafana into two dashboards`,
    allDead: (title: string, why: string) => `none of its panels would show data (${title}: ${why}); nothing was written`,
    noPanels: "it has no panels; nothing was written",
    noMetric: "a query has no metric name",
    strange: (character: string) =>
      `Prometheus rejects the query: it has ${codePoint(character)} outside a string; write a space or an ASCII character instead`,
    refused: (why: string) => `Prometheus rejects the query: ${why}`,
    noSeries: (metric: string, matchers: string) => `${metric}: none of its series has ${matchers}`,
    noPort: (metric: string, matcher: string, label: string) =>
      `${metric}: none of its series has ${matcher}: ${label} is the name of a node or pod here, without a port; in Grafana write $NAME where a query has $NAME:$PORT, and clear the regex of a variable that requires a port`,
    dropped: (metric: string, matchers: string, jobs: string) =>
      `${metric}${matchers && `{${matchers}}`}: exported, but the metric_relabel_configs of the scrape job ${jobs} drop it`,
    portPattern: (regex: string, label: string) =>
      `the list is empty: its regex ${regex} requires host:port, but ${label} is the name of a node or pod here, without a port; in Grafana clear the variable's regex, and use $NAME where a query has $NAME:$PORT`,
    noValue: (regex: string, label: string) => `the list is empty: no value of ${label} matches its regex ${regex}`,
    emptyVariable: (names: string) => `the variable ${names} has no values`,
    noRule: (metric: string) => `${metric}: no recording rule of this project defines it`,
    notExported: (metric: string) => `${metric}: no target exports it`,
    otherJob: (metric: string, jobs: string, asked: string) => `${metric}: exported by ${jobs}, but the query selects ${asked}`,
    noLabel: (metric: string, label: string) => `${metric}: has no label ${label}`,
    plugin: (type: string) => `a panel of the type ${type}, a plugin that is not installed`,
    foreign: (type: string) => `its data source is ${type}`,
    unreachable: (server: string, why: string) => `${server} cannot be reached (${why})`,
    byHand: (page: string) => `download its JSON from ${page} in a browser, then import the file`,
    answered: (url: string, status: number) => `${url} responds ${status}`,
    noneThere: (id: string) => `there is no dashboard ${id}, or it has no revisions`,
    noSuchFile: (file: string, why: string) => `${file} cannot be read (${why})`,
    fileOrId: "give a dashboard's number on grafana.com, or a file",
    onlyTexts: (count: number) => `${count} panels without a query, which need no data`,
    counts: (alive: number, part: number, dead: number) =>
      `${alive + part + dead} panels: ${alive} with data, ${part} with some data, ${dead} without data`,
    stored: (count: number, series: number) => `an environment that uses it stores ${count} more metrics, about ${series} series:`,
    old: (count: number) => `${count} panels are of types that Grafana 12 converts when it opens them; check them there`,
    next: (name: string) => `add it to an environment, then run synth:\nmonitoring:\n  imported: [${JSON.stringify(name)}]`,
  },
  es: {
    tooLarge: (bytes) => `de más de ${bytes} bytes; esto no es un tablero`,
    noJson: (why) => `no es JSON: ${why}`,
    noDashboard: "no es un tablero: le falta el título, o los paneles; expórtelo en Grafana con Export → JSON (classic)",
    newSchema: (version) => `un tablero del esquema nuevo de Grafana (${version}), que no se admite; expórtelo con Export → JSON → classic`,
    libraryPanels:
      "tiene paneles de biblioteca, que están guardados en el Grafana de origen; desvincúlelos allí (menú del panel → Unlink) y expórtelo de nuevo",
    badName: (name) => `«${name}» no es un nombre válido; indique uno con --name: minúsculas, dígitos y «-», hasta 40 caracteres`,
    nameTaken: (name) => `«${name}» es el nombre de un tablero de CloudNova; indique otro con --name`,
    clash: {
      title: (title, other) =>
        `el tablero «${other}» ya tiene el título «${title}», y Grafana no carga ningún tablero de una carpeta que tenga un título dos veces; indique otro con --title`,
      uid: (uid, other) =>
        `el tablero «${other}» ya tiene el uid «${uid}», y Grafana no carga ningún tablero mientras dos tengan el mismo uid; cambie "uid" en su JSON, elimine environments/dashboards/${other}.json, o reemplace ese archivo con --name ${other}`,
    },
    tooManyBytes: (bytes, most) => `${bytes} bytes en un ConfigMap; el máximo es ${most}; divídalo en Grafana en dos tableros`,
    allDead: (title, why) => `ninguno de sus paneles mostraría datos (${title}: ${why}); no se escribió nada`,
    noPanels: "no tiene paneles; no se escribió nada",
    noMetric: "una consulta no tiene nombre de métrica",
    strange: (character) =>
      `Prometheus rechaza la consulta: hay ${codePoint(character)} fuera de una cadena; escriba en su lugar un espacio, o un carácter ASCII`,
    refused: (why) => `Prometheus rechaza la consulta: ${why}`,
    noSeries: (metric, matchers) => `${metric}: ninguna de sus series tiene ${matchers}`,
    noPort: (metric, matcher, label) =>
      `${metric}: ninguna de sus series tiene ${matcher}: ${label} es aquí el nombre de un nodo o de un pod, sin puerto; escriba en Grafana $NOMBRE donde una consulta tiene $NOMBRE:$PUERTO, y elimine la regex de una variable que pida un puerto`,
    dropped: (metric, matchers, jobs) =>
      `${metric}${matchers && `{${matchers}}`}: se exporta, pero metric_relabel_configs del job de recolección ${jobs} la descarta`,
    portPattern: (regex, label) =>
      `la lista está vacía: su regex ${regex} pide host:puerto, pero ${label} es aquí el nombre de un nodo o de un pod, sin puerto; elimine en Grafana la regex de la variable, y use $NOMBRE donde una consulta tiene $NOMBRE:$PUERTO`,
    noValue: (regex, label) => `la lista está vacía: ningún valor de ${label} cumple su regex ${regex}`,
    emptyVariable: (names) => `la variable ${names} no tiene valores`,
    noRule: (metric) => `${metric}: ninguna recording rule de este proyecto la define`,
    notExported: (metric) => `${metric}: ningún objetivo la exporta`,
    otherJob: (metric, jobs, asked) => `${metric}: la exporta ${jobs}, pero la consulta selecciona ${asked}`,
    noLabel: (metric, label) => `${metric}: no tiene la etiqueta ${label}`,
    plugin: (type) => `un panel del tipo ${type}, un plugin que no está instalado`,
    foreign: (type) => `su fuente de datos es ${type}`,
    unreachable: (server, why) => `no se puede conectar con ${server} (${why})`,
    byHand: (page) => `descargue su JSON de ${page} con un navegador e importe el archivo`,
    answered: (url, status) => `${url} responde ${status}`,
    noneThere: (id) => `no existe el tablero ${id}, o no tiene revisiones`,
    noSuchFile: (file, why) => `no se puede leer ${file} (${why})`,
    fileOrId: "indique el número de un tablero en grafana.com, o un archivo",
    onlyTexts: (count) => `${count} paneles sin consulta, que no necesitan datos`,
    counts: (alive, part, dead) => `${alive + part + dead} paneles: ${alive} con datos, ${part} en parte, ${dead} sin datos`,
    stored: (count, series) => `un entorno que lo usa guarda ${count} métricas más, unas ${series} series:`,
    old: (count) => `${count} paneles son de tipos que Grafana 12 convierte al abrirlos; revíselos allí`,
    next: (name) => `agréguelo a un entorno y ejecute synth:\nmonitoring:\n  imported: [${JSON.stringify(name)}]`,
  },
});
