import type { Change } from "../data/filter.ts";
import { messages } from "../language.ts";
import { printed } from "../printed.ts";

/** What is said of a dump that is refused. */
type Refused = Readonly<
  Record<
    "truncated" | "tooLong" | "severalDatabases" | "noDatabase" | "charset" | "notSql" | "escapes",
    { readonly message: (found: string) => string; readonly advice: string }
  >
>;

interface Amount {
  readonly files: number;
  readonly bytes: number;
}

/** Messages of `import data`: a dump or a running database into an application's database, files into its volumes. */
export const data = messages({
  en: {
    // what the command line names
    noSource: "nothing to import was given",
    noSourceAdvice: "give a dump with --from, a Compose project with --compose, or a folder with --volume",
    twoSources: "--from and --compose were both given",
    twoSourcesAdvice: "give one of them",
    onlyWith: (option: string, other: string) => `${option} is for ${other} alone`,
    noApplication: (name: string) => `the environment has no application ${name}`,
    applicationsAre: (names: string) => `its applications are: ${names}`,
    isSample: "webapp is the sample: its tables belong to its own migrations",
    noDatabase: (name: string) => `applications.${name} has database: false`,
    externalServer: (host: string) => `the environment's MySQL server is ${host}, outside of the cluster`,
    externalAdvice: "load the dump there with the mysql client (docs/guides/scaling.md)",
    noDatabaseAdvice: "remove this key from the environment file and run up, then import again",

    // the dump
    standardInput: "standard input",
    unreadable: (path: string, code: string) => `${path}: cannot be read (${code})`,
    folder: (path: string) => `${path} is a folder`,
    giveDump: "give a file that mysqldump or mariadb-dump wrote: .sql, .sql.gz or .sql.zst; - reads standard input",
    packed: (name: string) => `${name} is an archive that is not read here`,
    unpack: (program: string, name: string) => `unpack it first: ${program} ${name}`,
    brokenArchive: (name: string) => `${name}: the archive is not whole`,
    otherServer: (name: string, other: string) => `${name} is a dump of ${other}, not of MySQL or MariaDB`,
    emptyDump: (name: string) => `${name} is empty`,
    dumpAgain: "make the dump again, and check that mysqldump printed no error",
    atLine: (source: string, line: number, message: string) => `${source}:${line}: ${message}`,
    refused: {
      truncated: { message: () => "the dump ends in the middle", advice: "make the dump again, and check that mysqldump printed no error" },
      tooLong: {
        message: () => "a statement is longer than 16 MiB",
        advice: "make the dump again with mysqldump, which needs none as long",
      },
      severalDatabases: {
        message: (names) => `the dump has several databases: ${names}`,
        advice: "name the one to import with --database",
      },
      noDatabase: { message: (names) => `the dump has no such database; it has: ${names}`, advice: "correct --database" },
      charset: {
        message: (name) => `the dump is written in ${name}, in which parts of letters look like quotes`,
        advice: "make it again with mysqldump --default-character-set=utf8mb4",
      },
      notSql: { message: (name) => `a dump of ${name}, not of MySQL or MariaDB`, advice: "convert it to MySQL first" },
      escapes: {
        message: () => "sql_mode has NO_BACKSLASH_ESCAPES, with which strings are written otherwise",
        advice: "remove it from sql_mode of the old server, and make the dump again",
      },
    } as Refused,
    failedAt: (source: string, line: number, message: string) =>
      line > 0 ? `${source}:${line}: MySQL refused the statement: ${message}` : `${source}: MySQL refused it: ${message}`,
    correctLine: (line: number) => `nothing was changed; see the line with 'sed -n ${line}p', correct it in the dump, and import again`,
    otherDatabase:
      "nothing was changed; the statement names another database: remove this name before the dot in the dump, and import again",
    needsRight: "nothing was changed; no application has this right: remove the statement from the dump, and import again",
    syntax:
      "nothing was changed; MySQL 9 does not know this: a word that is reserved now needs quotes (`rank`), what only MariaDB has (SEQUENCE, RETURNING) is written otherwise; correct it in the dump, and import again",
    unknownCharset:
      "nothing was changed; write utf8mb4 and utf8mb4_0900_ai_ci in the place of the character set or collation, and import again",
    unknownEngine: "nothing was changed; write ENGINE=InnoDB there, and import again",
    unknownSetting: "nothing was changed; MySQL 9 does not have this setting: remove the statement from the dump, and import again",
    diskFull: "nothing was changed; the volume of MySQL is full: raise database.volume, or remove data",
    tooLargeRow: "nothing was changed; a statement may have 64 MiB: make the dump with mysqldump --skip-extended-insert, and import again",
    lockWait:
      "nothing was changed; the application holds its tables: stop it (kubectl scale deployment --replicas=0), import, and apply again",

    // the old database
    noDocker: "there is no docker compose on this machine",
    noDockerAdvice: "run the command where the project runs, or make a dump there and give it with --from",
    noWords: "it said nothing",
    serviceFailed: (service: string, words: string) => `service ${service}: ${words}`,
    serviceAdvice: (service: string) => `start it with 'docker compose up -d ${service}', or make a dump and give it with --from`,
    noService: (name: string) => `the project has no service ${name}`,
    servicesAre: (names: string) => `its services are: ${names}`,
    noDatabaseService: "no service of the project runs an image of MySQL or MariaDB",
    severalServices: (names: string) => `several services are databases: ${names}`,
    nameService: (names: string) => `name it with --service: ${names}`,
    noLogin: (service: string, words: string) => `service ${service}: none of the accounts in its variables gets in: ${words}`,
    noLoginAdvice: (service: string) =>
      `its variables are older or newer than its data: make a dump with 'docker compose exec ${service} mysqldump -p …' and give it with --from`,
    whichDatabase: (service: string, names: string) => `service ${service}: it is not clear which database is meant: ${names}`,
    nameDatabase: "name it with --database",

    // the application's database
    notThere: (name: string) => `MySQL has no database ${name} yet`,
    get notThereAdvice() {
      return `run '${printed("apply", "--wait")}' first`;
    },
    busy: "another import into this MySQL is at work",
    busyAdvice: "wait until it has ended",
    initialising: (job: string) => `its SQL files of the first start have not run to the end (Job ${job}), and would empty the database`,
    initialisingAdvice: (name: string) =>
      `wait for them, or remove applications.${name}.database.initialise from the environment file and run up`,
    notEmpty: (database: string, what: string) => `database ${database} is not empty: ${what}`,
    rowsOf: (table: string, rows: number) => `${table} ${rows}`,
    andMore: (count: number) => `and ${count} more`,
    notEmptyAdvice: "add --replace to put the imported data in its place; back up first what you need of it",
    cannotReplace: (whose: "application" | "dump", objects: string) =>
      `${whose === "dump" ? "the dump" : "the database"} has what cannot be swapped at one moment: ${objects}`,
    cannotReplaceAdvice: (database: string) =>
      `stop the application, drop and create the database ${database} with your client, and import without --replace; the address is shown by 'npx cloudnova open mysql'`,
    replaces: (database: string, rows: number, tables: number) =>
      `The database ${database} has ${rows} rows in ${tables} tables. The import replaces all of them.`,
    goOn: "Go on?",
    addYes: "add --yes",
    nothingChanged: "nothing was changed",
    mysqlFailed: (words: string) => `MySQL: ${words}`,
    noTables: (source: string) => `${source} has no tables`,
    loading: (source: string, database: string) => `loading ${source} beside the database ${database} …`,
    copying: (source: string, volume: string) => `copying ${source} into the volume ${volume} …`,

    // volumes
    noVolume: (pair: string, application: string) => `${pair}: applications.${application} has no such volume; write NAME=FOLDER`,
    volumesAre: (names: string) => (names === "" ? "add it under volumes in the environment file first" : `its volumes are: ${names}`),
    noFolder: (folder: string) => `${folder} is no folder`,
    giveFolder: "give a folder of this machine",
    noTar: (where: string) => `${where}: its image has no sh, tar, find, cat or wc`,
    noTarAdvice: "copy the files with a container of your own that has them, or add tar to the image",
    volumeFailed: (where: string, words: string) => `${where}: ${words}`,
    volumeAdvice: "the volume was not changed; check its size and the rights of the user that the application runs as",
    volumeNotEmpty: (where: string, { files, bytes }: Amount) => `${where} is not empty: ${files} files, ${bytes} bytes`,
    replacesFiles: (where: string, { files, bytes }: Amount) =>
      `${where} has ${files} files, ${bytes} bytes. The import replaces all of them.`,
    rowsImported: (database: string) => `the rows of ${database}`,
    filesImported: (volume: string) => `the files of ${volume}`,
    onlySome: (what: string) => `imported: ${what}; not the rest. Import the other files with --volume alone`,
    leftAway: (where: string, words: string) =>
      `${where}: files that were there are in its folder .cloudnova-leaving or .cloudnova-left, and could not be put back: ${words}`,
    leftAwayAdvice: "delete neither folder; when the application runs again, import once more with --replace, which first puts them back",
    otherAmount: (source: string, old: Amount, arrived: Amount) =>
      `${source}: ${arrived.files} files with ${arrived.bytes} bytes arrived, not ${old.files} with ${old.bytes}`,
    otherAmountAdvice: "the volume was not changed; stop what writes into the old one, and import again",

    // what was done
    heading: (database: string, source: string) => `Rows of ${database}, imported from ${source}`,
    columns: { table: "TABLE", old: "OLD", new: "NEW", volume: "VOLUME", files: "FILES", bytes: "BYTES" },
    atMost: (rows: number) => `≤ ${rows}`,
    differs: "differs",
    total: "total",
    changes: "Written otherwise, or left out",
    change: {
      definer: "definers: views, triggers and procedures belong to the application's account",
      engine: "tables of MyISAM and other engines: InnoDB",
      collation: "collations of MariaDB: those of MySQL",
      mariadbType: "types UUID and INET: text",
      default: "functions as defaults: in brackets",
      option: "options of tables that InnoDB and MySQL do not have",
      sqlMode: "modes of SQL that MySQL 9 does not have",
      database: "the database's name in ALTER DATABASE",
      otherDatabase: "statements for other databases",
      createDatabase: "CREATE and DROP DATABASE",
      account: "accounts and rights: the application has its own",
      replication: "settings of replication",
      global: "settings of the server",
      lock: "locks",
      server: "commands for the server",
    } as Readonly<Record<Change, string>>,
    differ: "the old and the new do not have the same number of rows; the tables are marked",
    differAdvice: "where something wrote into the old database meanwhile, stop it, and import again with --replace",
    done: (application: string) => `imported; see the application: ${printed("logs", `--component=${application}`)}`,
  },
  es: {
    noSource: "no se indicó qué importar",
    noSourceAdvice: "indique un dump con --from, un proyecto de Compose con --compose, o una carpeta con --volume",
    twoSources: "se indicaron --from y --compose a la vez",
    twoSourcesAdvice: "indique solo una",
    onlyWith: (option, other) => `${option} solo sirve con ${other}`,
    noApplication: (name) => `el entorno no tiene ninguna aplicación ${name}`,
    applicationsAre: (names) => `sus aplicaciones son: ${names}`,
    isSample: "webapp es la aplicación de ejemplo: sus tablas son de sus propias migraciones",
    noDatabase: (name) => `applications.${name} tiene database: false`,
    externalServer: (host) => `el servidor MySQL del entorno es ${host}, fuera del clúster`,
    externalAdvice: "cargue allá el dump con el cliente mysql (docs/guides/scaling.es.md)",
    noDatabaseAdvice: "quite esa clave del archivo de entorno, ejecute up e importe de nuevo",

    standardInput: "la entrada estándar",
    unreadable: (path, code) => `${path}: no se puede leer (${code})`,
    folder: (path) => `${path} es una carpeta`,
    giveDump: "indique un archivo escrito por mysqldump o mariadb-dump: .sql, .sql.gz o .sql.zst; - lee la entrada estándar",
    packed: (name) => `${name} es un archivo comprimido que aquí no se lee`,
    unpack: (program, name) => `descomprímalo primero: ${program} ${name}`,
    brokenArchive: (name) => `${name}: el archivo comprimido está incompleto`,
    otherServer: (name, other) => `${name} es un dump de ${other}, no de MySQL o MariaDB`,
    emptyDump: (name) => `${name} está vacío`,
    dumpAgain: "haga el dump de nuevo, y compruebe que mysqldump no muestre ningún error",
    atLine: (source, line, message) => `${source}:${line}: ${message}`,
    refused: {
      truncated: {
        message: () => "el dump está cortado",
        advice: "haga el dump de nuevo, y compruebe que mysqldump no muestre ningún error",
      },
      tooLong: {
        message: () => "una sentencia tiene más de 16 MiB",
        advice: "haga el dump de nuevo con mysqldump, que no escribe ninguna tan larga",
      },
      severalDatabases: {
        message: (names) => `el dump tiene varias bases de datos: ${names}`,
        advice: "indique con --database cuál se importa",
      },
      noDatabase: { message: (names) => `el dump no tiene esa base de datos; tiene: ${names}`, advice: "corrija --database" },
      charset: {
        message: (name) => `el dump está escrito en ${name}, donde partes de letras parecen comillas`,
        advice: "hágalo de nuevo con mysqldump --default-character-set=utf8mb4",
      },
      notSql: { message: (name) => `un dump de ${name}, no de MySQL o MariaDB`, advice: "conviértalo primero a MySQL" },
      escapes: {
        message: () => "sql_mode tiene NO_BACKSLASH_ESCAPES, con el que las cadenas se escriben de otra manera",
        advice: "quítelo de sql_mode en el servidor anterior, y haga el dump de nuevo",
      },
    },
    failedAt: (source, line, message) =>
      line > 0 ? `${source}:${line}: MySQL rechazó la sentencia: ${message}` : `${source}: MySQL lo rechazó: ${message}`,
    correctLine: (line) => `no se cambió nada; vea la línea con «sed -n ${line}p», corríjala en el dump e importe de nuevo`,
    otherDatabase:
      "no se cambió nada; la sentencia nombra otra base de datos: quite ese nombre delante del punto en el dump, e importe de nuevo",
    needsRight: "no se cambió nada; ninguna aplicación tiene ese permiso: quite la sentencia del dump, e importe de nuevo",
    syntax:
      "no se cambió nada; MySQL 9 no conoce esto: una palabra que ahora es reservada necesita comillas (`rank`), y lo que solo tiene MariaDB (SEQUENCE, RETURNING) se escribe de otra manera; corríjalo en el dump, e importe de nuevo",
    unknownCharset:
      "no se cambió nada; escriba utf8mb4 y utf8mb4_0900_ai_ci en lugar del juego de caracteres o la intercalación, e importe de nuevo",
    unknownEngine: "no se cambió nada; escriba ahí ENGINE=InnoDB, e importe de nuevo",
    unknownSetting: "no se cambió nada; MySQL 9 no tiene este ajuste: quite la sentencia del dump, e importe de nuevo",
    diskFull: "no se cambió nada; el volumen de MySQL está lleno: aumente database.volume, o quite datos",
    tooLargeRow:
      "no se cambió nada; una sentencia puede tener 64 MiB: haga el dump con mysqldump --skip-extended-insert, e importe de nuevo",
    lockWait:
      "no se cambió nada; la aplicación retiene sus tablas: deténgala (kubectl scale deployment --replicas=0), importe, y aplique de nuevo",

    noDocker: "en esta máquina no hay docker compose",
    noDockerAdvice: "ejecute el comando donde funciona el proyecto, o haga ahí un dump e indíquelo con --from",
    noWords: "no dijo nada",
    serviceFailed: (service, words) => `servicio ${service}: ${words}`,
    serviceAdvice: (service) => `inícielo con «docker compose up -d ${service}», o haga un dump e indíquelo con --from`,
    noService: (name) => `el proyecto no tiene ningún servicio ${name}`,
    servicesAre: (names) => `sus servicios son: ${names}`,
    noDatabaseService: "ningún servicio del proyecto usa una imagen de MySQL o MariaDB",
    severalServices: (names) => `varios servicios son bases de datos: ${names}`,
    nameService: (names) => `indíquelo con --service: ${names}`,
    noLogin: (service, words) => `servicio ${service}: ninguna de las cuentas de sus variables puede entrar: ${words}`,
    noLoginAdvice: (service) =>
      `sus variables son anteriores o posteriores a sus datos: haga un dump con «docker compose exec ${service} mysqldump -p …» e indíquelo con --from`,
    whichDatabase: (service, names) => `servicio ${service}: no está claro qué base de datos se importa: ${names}`,
    nameDatabase: "indíquela con --database",

    notThere: (name) => `MySQL todavía no tiene ninguna base de datos ${name}`,
    get notThereAdvice() {
      return `ejecute antes «${printed("apply", "--wait")}»`;
    },
    busy: "otra importación está trabajando en este MySQL",
    busyAdvice: "espere a que termine",
    initialising: (job) => `sus archivos SQL del primer arranque no han terminado (Job ${job}), y vaciarían la base de datos`,
    initialisingAdvice: (name) =>
      `espere a que terminen, o quite applications.${name}.database.initialise del archivo de entorno y ejecute up`,
    notEmpty: (database, what) => `la base de datos ${database} no está vacía: ${what}`,
    rowsOf: (table, rows) => `${table} ${rows}`,
    andMore: (count) => `y ${count} más`,
    notEmptyAdvice: "agregue --replace para poner los datos importados en su lugar; antes haga un respaldo de lo que necesite",
    cannotReplace: (whose, objects) =>
      `${whose === "dump" ? "el dump" : "la base de datos"} tiene lo que no se puede intercambiar en un solo momento: ${objects}`,
    cannotReplaceAdvice: (database) =>
      `detenga la aplicación, elimine y cree la base de datos ${database} con su cliente, e importe sin --replace; la dirección la muestra «npx cloudnova open mysql»`,
    replaces: (database, rows, tables) =>
      `La base de datos ${database} tiene ${rows} filas en ${tables} tablas. La importación las reemplaza todas.`,
    goOn: "¿Continuar?",
    addYes: "agregue --yes",
    nothingChanged: "no se cambió nada",
    mysqlFailed: (words) => `MySQL: ${words}`,
    noTables: (source) => `${source} no tiene tablas`,
    loading: (source, database) => `cargando ${source} junto a la base de datos ${database} …`,
    copying: (source, volume) => `copiando ${source} en el volumen ${volume} …`,

    noVolume: (pair, application) => `${pair}: applications.${application} no tiene ese volumen; escriba NOMBRE=CARPETA`,
    volumesAre: (names) => (names === "" ? "agréguelo antes en volumes del archivo de entorno" : `sus volúmenes son: ${names}`),
    noFolder: (folder) => `${folder} no es una carpeta`,
    giveFolder: "indique una carpeta de esta máquina",
    noTar: (where) => `${where}: su imagen no tiene sh, tar, find, cat o wc`,
    noTarAdvice: "copie los archivos con un contenedor suyo que los tenga, o agregue tar a la imagen",
    volumeFailed: (where, words) => `${where}: ${words}`,
    volumeAdvice: "el volumen no cambió; revise su tamaño y los permisos del usuario con el que se ejecuta la aplicación",
    volumeNotEmpty: (where, { files, bytes }) => `${where} no está vacío: ${files} archivos, ${bytes} bytes`,
    replacesFiles: (where, { files, bytes }) => `${where} tiene ${files} archivos, ${bytes} bytes. La importación los reemplaza todos.`,
    rowsImported: (database) => `las filas de ${database}`,
    filesImported: (volume) => `los archivos de ${volume}`,
    onlySome: (what) => `se importaron: ${what}; lo demás no. Importe los otros archivos solo con --volume`,
    leftAway: (where, words) =>
      `${where}: hay archivos anteriores en su carpeta .cloudnova-leaving o .cloudnova-left, y no se pudieron devolver a su lugar: ${words}`,
    leftAwayAdvice:
      "no elimine ninguna de las dos carpetas; cuando la aplicación funcione de nuevo, importe otra vez con --replace, que primero los devuelve a su lugar",
    otherAmount: (source, old, arrived) =>
      `${source}: llegaron ${arrived.files} archivos con ${arrived.bytes} bytes, no ${old.files} con ${old.bytes}`,
    otherAmountAdvice: "el volumen no cambió; detenga lo que escribe en el anterior, e importe de nuevo",

    heading: (database, source) => `Filas de ${database}, importadas de ${source}`,
    columns: { table: "TABLA", old: "ANTES", new: "AHORA", volume: "VOLUMEN", files: "ARCHIVOS", bytes: "BYTES" },
    atMost: (rows) => `≤ ${rows}`,
    differs: "difiere",
    total: "total",
    changes: "Escrito de otra manera, u omitido",
    change: {
      definer: "definers: las vistas, los triggers y los procedimientos son de la cuenta de la aplicación",
      engine: "tablas de MyISAM y otros motores: InnoDB",
      collation: "intercalaciones de MariaDB: las de MySQL",
      mariadbType: "tipos UUID e INET: texto",
      default: "funciones como valores por defecto: entre paréntesis",
      option: "opciones de tablas que InnoDB y MySQL no tienen",
      sqlMode: "modos de SQL que MySQL 9 no tiene",
      database: "el nombre de la base de datos en ALTER DATABASE",
      otherDatabase: "sentencias para otras bases de datos",
      createDatabase: "CREATE y DROP DATABASE",
      account: "cuentas y permisos: la aplicación tiene los suyos",
      replication: "ajustes de replicación",
      global: "ajustes del servidor",
      lock: "bloqueos",
      server: "comandos para el servidor",
    },
    differ: "la anterior y la nueva no tienen el mismo número de filas; las tablas están marcadas",
    differAdvice: "si algo escribió entretanto en la base de datos anterior, deténgalo, e importe de nuevo con --replace",
    done: (application) => `importado; vea la aplicación: ${printed("logs", `--component=${application}`)}`,
  },
});
