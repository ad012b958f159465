import { messages } from "../language.ts";

/** A character by its number in Unicode, and as it is where it can be seen. */
const codePoint = (character: string): string => {
  const number = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  return /[\p{L}\p{P}\p{S}]/u.test(character) ? `${number} (${character})` : number;
};

/** What `dashboards import` says. */
export const dashboards = messages({
  en: {
    tooLarge: (bytes: number) => `larger than ${bytes} bytes; this is no dashboard`,
    noJson: (why: string) => `no JSON: ${why}`,
    noDashboard: "no dashboard: it has no title, or no panels; export it in Grafana by Export → JSON (classic)",
    newSchema: (version: string) =>
      `a dashboard of Grafana's new schema (${version}), which is not read here; export it by Export → JSON → classic`,
    libraryPanels:
      "it has library panels, which are kept in the Grafana that it is from; unlink them there (panel menu → Unlink), and export it again",
    badName: (name: string) => `'${name}' cannot be its name; give one with --name: lower-case letters, digits and '-', up to 40`,
    nameTaken: (name: string) => `'${name}' is the name of a dashboard of CloudNova; give another with --name`,
    clash: {
      title: (title: string, other: string) =>
        `its title '${title}' is that of the dashboard '${other}', and Grafana stores no dashboard of a folder in which two have one title; give another with --title`,
      uid: (uid: string, other: string) =>
        `its uid '${uid}' is that of the dashboard '${other}', and Grafana stores no dashboard while two have one uid; change "uid" in its JSON, delete environments/dashboards/${other}.json, or replace that with --name ${other}`,
    },
    tooManyBytes: (bytes: number, most: number) =>
      `${bytes} bytes as a ConfigMap holds it, ${most} are the most; split it in Grafana into two dashboards`,
    allDead: (title: string, why: string) => `nothing of it would show data (${title}: ${why}); nothing was written`,
    noPanels: "it has no panels; nothing was written",
    noMetric: "a query names no metric",
    strange: (character: string) =>
      `Prometheus refuses the query: ${codePoint(character)} stands outside of a string; in its place write a space, or an ASCII character`,
    refused: (why: string) => `Prometheus refuses the query: ${why}`,
    noSeries: (metric: string, matchers: string) => `${metric}: no series of it has ${matchers}`,
    noPort: (metric: string, matcher: string, label: string) =>
      `${metric}: no series of it has ${matcher}: ${label} is the name of a node or a pod here, without a port; in Grafana write $NAME where a query has $NAME:$PORT, and clear the regex of a variable that wants a port`,
    dropped: (metric: string, matchers: string, jobs: string) =>
      `${metric}${matchers && `{${matchers}}`}: exported, but the metric_relabel_configs of the scrape job ${jobs} drop it`,
    portPattern: (regex: string, label: string) =>
      `no value to choose: its regex ${regex} wants host:port, but ${label} is the name of a node or a pod here, without a port; in Grafana clear the variable's regex, and use $NAME where a query has $NAME:$PORT`,
    noValue: (regex: string, label: string) => `no value to choose: no value of ${label} fits its regex ${regex}`,
    emptyVariable: (names: string) => `the variable ${names} has no value to choose`,
    noRule: (metric: string) => `${metric}: no rule of ours records it`,
    notExported: (metric: string) => `${metric}: no target exports it`,
    otherJob: (metric: string, jobs: string, asked: string) => `${metric}: exported by ${jobs}, but the query asks for ${asked}`,
    noLabel: (metric: string, label: string) => `${metric}: has no label ${label}`,
    plugin: (type: string) => `a panel of the kind ${type}, a plugin that is not installed`,
    foreign: (type: string) => `its data source is ${type}`,
    unreachable: (server: string, why: string) => `${server} cannot be reached (${why})`,
    byHand: (page: string) => `download its JSON from ${page} in a browser, and give the file`,
    answered: (url: string, status: number) => `${url} answers ${status}`,
    noneThere: (id: string) => `there is no dashboard ${id}, or it has no revisions`,
    noSuchFile: (file: string, why: string) => `${file} cannot be read (${why})`,
    fileOrId: "give a dashboard's number on grafana.com, or a file",
    onlyTexts: (count: number) => `${count} panels without a query: they need no data`,
    counts: (alive: number, part: number, dead: number) => `${alive + part + dead} panels: ${alive} alive, ${part} in part, ${dead} dead`,
    stored: (count: number, series: number) => `${count} more metrics are stored once an environment names it, some ${series} series:`,
    old: (count: number) => `${count} panels are of kinds that Grafana 12 makes anew as it opens them; look at them there`,
    next: (name: string) => `name it in an environment, then synth:\nmonitoring:\n  imported: [${JSON.stringify(name)}]`,
  },
  es: {
    tooLarge: (bytes) => `de más de ${bytes} bytes; esto no es un tablero`,
    noJson: (why) => `no es JSON: ${why}`,
    noDashboard: "no es un tablero: le falta el título, o los paneles; expórtelo en Grafana con Export → JSON (classic)",
    newSchema: (version) =>
      `un tablero del esquema nuevo de Grafana (${version}), que aquí no se lee; expórtelo con Export → JSON → classic`,
    libraryPanels:
      "tiene paneles de biblioteca, que están en el Grafana de donde viene; desvincúlelos allí (menú del panel → Unlink) y expórtelo de nuevo",
    badName: (name) => `«${name}» no puede ser su nombre; dé uno con --name: minúsculas, cifras y «-», hasta 40`,
    nameTaken: (name) => `«${name}» es el nombre de un tablero de CloudNova; dé otro con --name`,
    clash: {
      title: (title, other) =>
        `su título «${title}» es el del tablero «${other}», y Grafana no guarda ningún tablero de una carpeta en la que dos tienen el mismo título; dé otro con --title`,
      uid: (uid, other) =>
        `su uid «${uid}» es el del tablero «${other}», y Grafana no guarda ningún tablero mientras dos tengan el mismo uid; cambie "uid" en su JSON, borre environments/dashboards/${other}.json, o reemplácelo con --name ${other}`,
    },
    tooManyBytes: (bytes, most) =>
      `${bytes} bytes como los guarda un ConfigMap, y ${most} son el máximo; divídalo en Grafana en dos tableros`,
    allDead: (title, why) => `nada de él mostraría datos (${title}: ${why}); no se escribió nada`,
    noPanels: "no tiene paneles; no se escribió nada",
    noMetric: "una consulta no nombra ninguna métrica",
    strange: (character) =>
      `Prometheus rechaza la consulta: hay ${codePoint(character)} fuera de una cadena; escriba en su lugar un espacio, o un carácter ASCII`,
    refused: (why) => `Prometheus rechaza la consulta: ${why}`,
    noSeries: (metric, matchers) => `${metric}: ninguna serie suya tiene ${matchers}`,
    noPort: (metric, matcher, label) =>
      `${metric}: ninguna serie suya tiene ${matcher}: ${label} es aquí el nombre de un nodo o de un pod, sin puerto; escriba en Grafana $NOMBRE donde una consulta tiene $NOMBRE:$PUERTO, y borre la regex de una variable que pida un puerto`,
    dropped: (metric, matchers, jobs) =>
      `${metric}${matchers && `{${matchers}}`}: se exporta, pero metric_relabel_configs del trabajo ${jobs} la descarta`,
    portPattern: (regex, label) =>
      `ningún valor que elegir: su regex ${regex} pide host:puerto, pero ${label} es aquí el nombre de un nodo o de un pod, sin puerto; borre en Grafana la regex de la variable, y use $NOMBRE donde una consulta tiene $NOMBRE:$PUERTO`,
    noValue: (regex, label) => `ningún valor que elegir: ningún valor de ${label} cumple su regex ${regex}`,
    emptyVariable: (names) => `la variable ${names} no tiene ningún valor que elegir`,
    noRule: (metric) => `${metric}: ninguna regla nuestra la registra`,
    notExported: (metric) => `${metric}: ningún objetivo la exporta`,
    otherJob: (metric, jobs, asked) => `${metric}: la exporta ${jobs}, pero la consulta pide ${asked}`,
    noLabel: (metric, label) => `${metric}: no tiene la etiqueta ${label}`,
    plugin: (type) => `un panel del tipo ${type}, un complemento que no está instalado`,
    foreign: (type) => `su fuente de datos es ${type}`,
    unreachable: (server, why) => `no se llega a ${server} (${why})`,
    byHand: (page) => `descargue su JSON de ${page} con un navegador, y dé el archivo`,
    answered: (url, status) => `${url} responde ${status}`,
    noneThere: (id) => `no existe el tablero ${id}, o no tiene revisiones`,
    noSuchFile: (file, why) => `no se puede leer ${file} (${why})`,
    fileOrId: "dé el número de un tablero en grafana.com, o un archivo",
    onlyTexts: (count) => `${count} paneles sin consulta: no necesitan datos`,
    counts: (alive, part, dead) => `${alive + part + dead} paneles: ${alive} con datos, ${part} en parte, ${dead} sin datos`,
    stored: (count, series) => `se guardan ${count} métricas más en cuanto un entorno lo nombra, unas ${series} series:`,
    old: (count) => `${count} paneles son de tipos que Grafana 12 convierte al abrirlos; mírelos allí`,
    next: (name) => `nómbrelo en un entorno, y luego synth:\nmonitoring:\n  imported: [${JSON.stringify(name)}]`,
  },
});
