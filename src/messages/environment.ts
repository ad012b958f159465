import { messages } from "../language.ts";

/** Errors of an environment file: what was found, what is allowed, what to do. */
export const environment = messages({
  en: {
    found: (what: string) => `found ${what}; `,
    missing: "missing; ",
    expected: (what: string) => `expected ${what}`,
    allowed: (values: string) => `allowed are ${values}`,
    unknownKey: (near: string, allowed: string) => `unknown key${near} (allowed are ${allowed})`,
    noSecrets: (page: string, allowed: string) =>
      `this file must not contain secrets: put it into the Secret that docs/${page}.md describes (allowed are ${allowed})`,
    didYouMean: (name: string) => `; did you mean ${name}?`,
    atLeast: (least: string, unit: string) => `allowed is at least ${least}${unit}`,
    atMost: (most: string, unit: string) => `allowed is at most ${most}${unit}`,
    units: { string: " characters", array: " entries" } as Readonly<Record<string, string>>,
    types: {
      object: "a group of keys",
      string: "text (in quotes where YAML would read a number)",
      number: "a number",
      int: "a whole number",
      boolean: "true or false",
      array: "a list",
      record: "a group of keys",
    } as Readonly<Record<string, string>>,
    // the file
    noSuchFile: "no such file; create it, or give another",
    aFolder: "a folder, not a file; give the environment file in it",
    notUtf8: "not text in UTF-8; save it as UTF-8",
    notReadable: "permission denied; give this user read access to it",
    cannotRead: (code: string) => `cannot be read (${code})`,
    noPlainFile: "not a regular file; give an environment file",
    tooLarge: (bytes: number) => `larger than ${bytes} bytes; this is not an environment file`,
    badName: (name: string) =>
      `the file name '${name}' is used as a label; rename the file: lower-case letters, digits and '-', up to 63 characters`,
    noFolder: "no such folder; run this command in the repository's folder",
    noEnvironment: (near: string, names: string) => `no environment of that name${near} (available: ${names}; a path works too)`,
    empty: "empty; an environment needs at least 'cluster' and 'machine'",
    secondDocument: "a second YAML document starts here; one file is one environment, so remove it",
    notYaml: (why: string) => `not valid YAML: ${why}`,
    notUsable: (why: string) => `not usable YAML: ${why}`,
    aliasLoop: "an alias refers to a node that contains the alias",
    /** By the YAML library's error codes; where there is none, the library's own message is used. */
    yaml: {} as Readonly<Record<string, string>>,
    invisible: (code: string, name: string) => `an invisible character, ${code}${name}; replace it with a normal space`,
    invisibleNoSpace: (code: string, name: string) => `an invisible character, ${code}${name}; remove it`,
    characters: {
      "U+00A0": "no-break space",
      "U+00AD": "soft hyphen",
      "U+200B": "zero width space",
      "U+200E": "left-to-right mark",
      "U+200F": "right-to-left mark",
      "U+202F": "narrow no-break space",
      "U+2028": "line separator",
      "U+2060": "word joiner",
      "U+3000": "ideographic space",
      "U+FEFF": "byte order mark",
    } as Readonly<Record<string, string>>,
    comment: (text: string) => `empty, because YAML reads ${text} as a comment; if it is the value, put it in quotes: "${text}"`,
    swallowed: (text: string) => `YAML reads ${text} and the rest of the line as a comment; put it in quotes: "${text}"`,
    quoted: (text: string) => `text; put it in quotes: "${text}"`,
    dashboardTaken: (name: string) => `${name} is the name of a dashboard of CloudNova; import yours under another name with --name`,
    dashboardsOfNothing: (names: string) => `the environment does not run what ${names} shows; add another dashboard, such as system`,
    // forms of values
    forms: {
      quantity: "a whole number with the unit Mi or Gi, such as 64Mi or 2Gi",
      mostQuantity: "at most 16384Gi",
      cpu: 'millicores such as 50m, or whole cores such as "2"',
      duration: "a Prometheus duration such as 15s, 5m or 1h30m",
      longerThanZero: "a Prometheus duration longer than zero, such as 15s",
      longestDuration: "a Prometheus duration of at most 292 years",
      scrapeInterval: "a Prometheus duration from 5s (a scrape needs time to answer) to 1m (the rules' windows need four scrapes)",
      label: "lower-case letters, digits and '-', up to 63, starting and ending with a letter or digit",
      subdomain: "lower-case letters, digits, '-' and '.', up to 253, each part starting and ending with a letter or digit",
      sshServer: "a server as ssh reaches it, such as ubuntu@203.0.113.7",
      dnsName: "a DNS name such as app.example.com, in lower case",
      noAddress: "a DNS name, not an IP address",
      publicHost: "a DNS name such as app.example.com, or an IPv4 address",
      image: "an image with its version, such as mysql:9.7.2",
      noLatest: "an image with a version: 'latest' is not a version",
      registry:
        "a registry's host with a dot or a port, and perhaps a path, such as mirror.example.com/hub: in lower case, without https://, a tag or a last slash",
      registryPort: "a registry's host and a port up to 65535",
      mailAddress: "a mail address such as ops@example.com",
      server: "a server's name and its port, such as smtp.example.com:587",
      serverPort: "a server's name and a port up to 65535",
      clock: 'a time of day from "00:00" to "24:00", in quotes',
      timeZone: "a time zone such as UTC or America/Bogota",
      knownTimeZone: "a time zone of the IANA database in its exact spelling, such as UTC or America/Bogota",
      webAddress: "an address such as https://grafana.example.com, without a trailing slash",
      namespace: "a dedicated namespace, not a system namespace of the cluster",
      range: "an IPv4 range such as 10.0.0.0/8",
      dashboards: "each dashboard once",
      severities: "each severity once",
      days: "each day once",
      runbooks: "an address or a folder without a trailing slash",
      channel: 'a channel such as "#alerts"',
      chat: "the number (ID) of a chat",
      applicationName:
        "an application's name: lower-case letters, digits and '-', up to 30, starting with a letter and ending with a letter or digit",
      variable: "the name of an environment variable: letters, digits and '_', up to 128, not starting with a digit",
      secretKey: "a key of a Secret: letters, digits, '-', '_' and '.'",
      filePath: "the path of a file or folder",
      absolutePath: "a path in the container such as /app/uploads: from /, without ':', '..' or a slash at the end",
      requestPath: "the path of a request, such as /health",
      ingressPath: "a path such as /shop: '/' alone, or without a slash at the end; letters, digits, '-', '_', '.' and '~'",
      databaseName: "the name of a database: letters, digits and '_', up to 64",
      databaseUser: "the name of a database account: letters, digits and '_', up to 32",
      secretSource: "either generate: true or from: the name of your own Secret",
      keyOfSecret: "key only together with from",
      oneHealth: "path or command, not both",
      value: "text, a number, or true or false",
      writable: "true, false, or a list of folders",
      database: "false, or a group of keys",
      grafana: "true, false, or on-demand",
      outgoing: "public, none, or a list of IPv4 ranges",
      account: "an account without control characters",
      origin: "a server's address such as https://s3.us-east-1.amazonaws.com, without a path and a trailing slash",
      bucket: "the name of a bucket: 3 to 63 lower-case letters, digits, '-' and '.', starting and ending with a letter or digit",
      storePrefix: "the beginning of objects' names, such as cloudnova or team/cloudnova, without a slash at either end",
      cron: 'a schedule of five fields in quotes, such as "17 2 * * *" (minute, hour, day of the month, month, weekday from 0 for Sunday to 6): numbers, *, ranges and */STEP, at least ten minutes between two runs',
      ageRecipient: "a public key of age: age1 and 58 lower-case letters and digits, copied whole ('npx cloudnova backup key' makes one)",
      recipients: "each key once",
      annotationKey: "the key of an annotation, such as service.beta.kubernetes.io/aws-load-balancer-type",
      labelKey: "the key of a label, such as app or app.kubernetes.io/name",
      labelValue: "the value of a label: letters, digits, '-', '_' and '.', up to 63, starting and ending with a letter or digit",
      ipv4: "an IPv4 address such as 203.0.113.9",
      scrapeTarget: "either namespace and pods, or address",
      authority: "a file of certificates, or a group of keys with configMap or secret",
      oneLogin: "basicAuth or bearer, not both",
      oneAuthority: "either configMap or secret",
      backups: "false, or a group of keys",
      awsRegion: "a region of AWS, such as us-east-1",
      keyPair: "the name of a key pair: up to 255 ASCII characters, no space at either end",
      instanceProfile: "the name of an instance profile: letters, digits and +=,.@-_, up to 128",
      subnet: "the id of a subnet, such as subnet-0a1b2c3d4e5f60718",
      bucketPrefix: "a bucket and a prefix, such as my-bucket/cloudnova",
    },
    // rules between keys
    serverRunsK3s: (cluster: string) => `a server that ssh reaches runs k3s, and cluster is ${cluster}; set cluster: k3s, or remove this`,
    definedTwice: (instance: string) => `the instance ${instance} already defines it; remove one of the two`,
    noMachine: "give an instance, or memory and cpu",
    ec2NeedsK3s: "only with cluster: k3s; kind runs on your own computer",
    ec2NeedsInstance: "needs machine.instance, such as t3.small",
    noLaboratorySnapshots: "a laboratory has no right to create the role that makes snapshots; remove the key, or set laboratory: false",
    shorterThanScrape: (time: string, interval: string) =>
      `${time} is shorter than the scrape interval ${interval}, so a single sample would be enough; make it at least as long`,
    rateTooShort: (window: string, interval: string, least: string) =>
      `with a scrape interval of ${interval}, a rate over ${window} has fewer than four samples and fails after one failed scrape; make it at least ${least}`,
    retention: (volume: string, retention: string, interval: string, need: number, compaction: number, least: number) =>
      `${volume} is too small for Prometheus: ${retention} at ${interval} and the write-ahead log need about ${need} MiB, and compaction ${compaction} MiB of free space; make it at least ${least}Mi, or shorten the retention`,
    bufferPool: (pool: string, need: number, limit: string) =>
      `with ${pool} MySQL needs ${need} MiB, more than its memory limit ${limit}; lower it, or raise resources.mysql.memoryLimit`,
    connections: (given: number, need: number) =>
      `${given} is fewer than the ${need} connections that all replicas and workers may open together; raise it, or lower replicas or workers`,
    connectionsOf: (given: number, need: number, pools: string) =>
      `${given} is fewer than the ${need} connections that all applications may open together during an update (${pools}); raise it, or lower replicas, processes or pools`,
    poolOf: (name: string, most: number, processes: number, pool: number) =>
      `${name} ${most}: ${processes === 1 ? "" : `${processes} processes with `}${pool} in each replica, old and new`,
    warnBaseline: (names: string) =>
      `warning: ${names} with podSecurity baseline: MAY RUN AS ROOT; with a numeric USER in the Dockerfile remove podSecurity and user 0`,
    warnPlain: (names: string) =>
      `warning: ${names} WITHOUT TLS: MySQL accepts logins of its account in plain text inside the cluster; where the driver uses TLS, write database.requireTls: true`,
    warnConnections: (given: number, need: number, names: string, pool: number) =>
      `warning: database.maxConnections ${given} may be too few: ${need} with ${pool} connections for each process of ${names}, which is assumed; name the pool in env (such as DB_POOL_SIZE, if the application reads it), or raise database.maxConnections`,
    portTaken: (port: number, other: string) => `${port} is already used by ${other}; choose another port`,
    clusterItself: "the cluster itself",
    fixedPorts: (cluster: string) =>
      `only kind supports other ports; ${cluster} always listens at the machine's ports 80 and 443; remove the key`,
    belowReplicas: (most: number, replicas: number) => `${most} is below replicas (${replicas}); raise it`,
    memoryLimit: (limit: string, request: string) => `the memory limit ${limit} is below the request ${request}; raise memoryLimit`,
    cpuLimit: (limit: string, request: string) => `the CPU limit ${limit} is below the request ${request}; raise cpuLimit`,
    workers: (given: string, need: number, key: string, workers: number) =>
      `${given} is less than the ${need} MiB that the application needs with ${key} ${workers}; raise it, or lower ${key}`,
    secretTaken: (name: string, other: string) =>
      `${name} is the name of the Secret that CloudNova generates for ${other}; give yours another name`,
    notBetween: (time: string, least: string, most: string) =>
      `${time} is not between ${least} and ${most}; choose a duration between the two`,
    shorterThan: (time: string, least: string) => `${time} is shorter than ${least}; make it at least as long`,
    accountNeedsTls:
      "Alertmanager sends no password to a server without TLS, so no mail would arrive; remove requireTls: false, or the account",
    caNeedsTls: "without TLS the server presents no certificate; remove requireTls: false, or privateCa",
    insideCluster: (range: string, key: string, other: string) =>
      `${range} is inside ${other}, the range of network.${key}; give the nodes' addresses, or the cluster's actual range in network.${key}`,
    noTime: (from: string, to: string) => `from ${from} to ${to} is empty; a whole day is from "00:00" to "24:00"`,
    bundledTraefik: "the cluster's own Traefik answers there, and CloudNova has no Service for it; remove the key",
    // an external MySQL server
    noDatabaseAddresses: (host: string) =>
      `NetworkPolicies know no names: give the ranges in which ${host} has its addresses as database.external.addresses, such as those of its subnets`,
    loginNeedsTls:
      "without TLS a password or token could be read on the way, and no certificate is checked; write https://, or remove basicAuth, bearer and ca",
    noOwnServer: "with database.external no MySQL server of ours runs; remove the key",
    authorityUnreadable: (file: string, code: string) =>
      `${file} cannot be read (${code}); paths count from the folder of the environment file`,
    authorityKey: (file: string) => `${file} holds a private key; give a file with the certificates of the authority alone`,
    authorityForm: (file: string) =>
      `${file} holds no certificate in PEM, a damaged one, or more than fit into a ConfigMap; give the authority's file as its provider publishes it`,
    // certificates
    twoIssuers: "letsEncrypt is given, too; remove one of the two",
    broughtAndIssued: (issuer: string) => `ingress.tls.${issuer} issues the certificate; remove one of the two`,
    addressNeedsLetsEncrypt:
      "an address needs ingress.tls.letsEncrypt; without it give a DNS name or leave host out, and every address is answered",
    addressNeedsHttp: "Traefik proves an address by http-01 only; remove the key",
    addressHasNoRule: "an Ingress has rules for names only; remove onlyHost, or give a DNS name as ingress.host",
    notPublic: (host: string) =>
      `Let's Encrypt cannot reach ${host}: give a name that public DNS has, such as the machine's address at sslip.io (203-0-113-7.sslip.io), or the machine's public IPv4 address; or remove letsEncrypt`,
    // applications
    secretInFile: "this file must not contain secrets: write { generate: true }, or { from: NAME } with the name of your own Secret",
    sampleName: (name: string) =>
      `only the entry webapp can be the sample application; rename ${name} to webapp, or describe your own application here`,
    sampleAlone: (key: string) =>
      `with sample, no other key is allowed; remove ${key}, or remove sample and describe your own application under another name`,
    webappIsSample: "webapp is the name of the sample application: write webapp: { sample: {} }, or give your application another name",
    sampleTwice: "applications.webapp.sample is given, too; move these keys there and remove this one",
    sampleMoved: (keys: string) => `webapp at the top is deprecated and will be refused by a later release; write instead:\n${keys}`,
    nameTaken: (name: string) => `${name} is the name of a part of CloudNova; give your application another name`,
    jobTaken: (name: string) => `a part of CloudNova or an application has the scrape job ${name}; give this one another name`,
    ownNamespace: (name: string) =>
      `${name} belongs to this environment, whose policies refuse the connection; metrics of an application are applications.NAME.metrics`,
    namespaceTooLong: (namespace: string, most: number) =>
      `its namespace ${namespace} has more than ${most} characters; give it a shorter name, or shorten namespace`,
    noImage: "image or build is missing: name an image with its version, or build: { context: FOLDER }",
    sameAddress: (other: string, host: string, path: string) =>
      `${other} answers at ${path} of ${host}, too; give one of them its own ingress.host or ingress.path`,
    everyName: "every name",
    databaseReserved: (name: string) => `${name} is a database of MySQL or of the sample application; give yours another name`,
    userReserved: (name: string) =>
      `${name} is an account of MySQL or of CloudNova; give yours another name, with the rights on its own database that an application needs`,
    databaseTooLong: (name: string, most: number) =>
      `${name} has more than the ${most} characters with which a restore can make its own databases beside it; shorten it, or set backups: false`,
    databaseOfRestores: (name: string) => `${name} is the name of a database in which a restore works; give yours another name`,
    databaseShared: (name: string, other: string) => `${name} is the database of ${other}, too; give each application its own`,
    userShared: (name: string, other: string) => `${name} is the account of ${other}, too; give each application its own`,
    noSuchFact: (found: string, allowed: string) =>
      `${found} is unknown; allowed are ${allowed}; for the text itself, double its braces: {${found}}`,
    placeholderElsewhere: (found: string) =>
      `${found} is replaced only in env, command, args and before; write the value itself here, or read it from a variable of env`,
    noDatabase: (found: string) => `${found} needs a database, but database is false; remove one of the two`,
    variableReserved: (name: string) => `CloudNova sets ${name} itself; give the variable another name`,
    variableTwice: (name: string) => `${name} is in env, too; remove one of the two`,
    pathTwice: (path: string, other: string) => `${path} is mounted by ${other}, too; give it another path`,
    belowFile: (path: string, other: string, file: string) =>
      `${path} is below ${file}, which ${other} makes a file; give one of them another path`,
    fileInVolume: (file: string, volume: string, path: string) =>
      `${file} is inside ${volume} (${path}), where an empty file of root's would stay; mount the secret outside of the volume, such as at /run/secrets/NAME`,
    rootNeedsBaseline: "user 0 is root, which Pod Security refuses; add podSecurity: baseline, or give another user",
    notOutside: (range: string, other: string) =>
      `${range} is inside ${other}, which holds pods, Services or the machine's credentials; name ranges outside of the cluster`,
    // SQL files
    sqlForm: (file: string) =>
      `${file} is no .sql file; decompress it if it is compressed, or load a dump with the mysql client (docs/guides/mysql.md)`,
    sqlEncoding: (file: string) => `${file} is not text in UTF-8; convert it: iconv -f WINDOWS-1252 -t UTF-8`,
    sqlUnreadable: (file: string, code: string) => `${file} cannot be read (${code}); paths count from the folder of the environment file`,
    sqlEmptyFolder: (folder: string) => `${folder} holds no .sql file; remove it here, or put the files there`,
    sqlTooLarge: (bytes: number, most: number) =>
      `the SQL files have ${bytes} bytes, more than the ${most} that fit into a ConfigMap; remove the file here, and load it after the first up with 'npx cloudnova import data APPLICATION --from FILE' (docs/guides/import-data.md)`,
    sqlUser: (user: string) => `CloudNova makes the account ${user} and its password; remove the statement`,
    sqlGrant: (user: string, database: string) =>
      `the account ${user} has all rights on ${database} already, and can grant none; remove the statement`,
    sqlGlobal: "it changes the whole server, on which other databases are too; remove it, or set the value for the session (SET SESSION …)",
    sqlReplication:
      "a dump for replication sets it, which only administrators may; make the dump with mysqldump --set-gtid-purged=OFF, or remove the statement",
    sqlFlush: "it needs a right on the whole server, and nothing here needs it; remove the statement",
    sqlLoad: "the file is not on the server; write the rows as INSERT, or load them with the mysql client (docs/guides/mysql.md)",
    sqlSource: "list the file itself in initialise",
    sqlBroken: "the file ends within a string, a quoted name, a comment or the rows of an INSERT; close it, or copy the whole file again",
    sqlUse: (name: string, database: string) => `the files run in ${database}; remove the statement, or set database.name: ${name}`,
    sqlDatabase: (name: string, database: string) =>
      `the application has the database ${database} alone; remove the statement, or set database.name: ${name}`,
    sqlOther: (name: string, database: string) =>
      `the application has the database ${database} alone; write the table without "${name}.", or set database.name: ${name}`,
    sqlExists: (database: string) =>
      `the database ${database} exists already; write CREATE DATABASE IF NOT EXISTS, or remove the statement`,
    sqlDefiner: (found: string) =>
      `${found} needs a right that only administrators have; remove it, so that the application's account is the definer`,
  },
  es: {
    found: (what) => `se encontró ${what}; `,
    missing: "falta; ",
    expected: (what) => `se espera ${what}`,
    allowed: (values) => `se admiten ${values}`,
    unknownKey: (near, allowed) => `clave desconocida${near} (se admiten ${allowed})`,
    noSecrets: (page, allowed) =>
      `este archivo no debe contener secretos: póngalo en el Secret que describe docs/${page}.es.md (se admiten ${allowed})`,
    didYouMean: (name) => `; ¿quiso decir ${name}?`,
    atLeast: (least, unit) => `se admite al menos ${least}${unit}`,
    atMost: (most, unit) => `se admite como máximo ${most}${unit}`,
    units: { string: " caracteres", array: " elementos" },
    types: {
      object: "un grupo de claves",
      string: "un texto (entre comillas donde YAML leería un número)",
      number: "un número",
      int: "un número entero",
      boolean: "true o false",
      array: "una lista",
      record: "un grupo de claves",
    },
    noSuchFile: "no existe ese archivo; créelo, o indique otro",
    aFolder: "una carpeta, no un archivo; indique el archivo de entorno que hay en ella",
    notUtf8: "no es texto en UTF-8; guárdelo en UTF-8",
    notReadable: "permiso denegado; dé a este usuario permiso de lectura",
    cannotRead: (code) => `no se puede leer (${code})`,
    noPlainFile: "no es un archivo normal; indique un archivo de entorno",
    tooLarge: (bytes) => `de más de ${bytes} bytes; esto no es un archivo de entorno`,
    badName: (name) => `el nombre del archivo, «${name}», se usa como etiqueta; cámbielo: minúsculas, dígitos y «-», hasta 63 caracteres`,
    noFolder: "no existe esa carpeta; ejecute este comando en la carpeta del repositorio",
    noEnvironment: (near, names) => `ningún entorno se llama así${near} (disponibles: ${names}; también sirve una ruta)`,
    empty: "vacío; un entorno necesita al menos «cluster» y «machine»",
    secondDocument: "aquí empieza un segundo documento YAML; un archivo es un entorno, así que quítelo",
    notYaml: (why) => `YAML no válido: ${why}`,
    notUsable: (why) => `YAML que no se puede usar: ${why}`,
    aliasLoop: "un alias se refiere a un nodo que lo contiene",
    yaml: {
      ALIAS_PROPS: "un alias no puede tener más propiedades",
      BAD_ALIAS: "ese alias no es válido, o no existe su ancla",
      BAD_DIRECTIVE: "esa directiva no es válida",
      BAD_DQ_ESCAPE: "ese escape no es válido entre comillas dobles",
      BAD_INDENT: "la sangría no es la que corresponde",
      BAD_PROP_ORDER: "las anclas y etiquetas van en otro lugar",
      BAD_SCALAR_START: "un texto no puede empezar por ese carácter; póngalo entre comillas",
      BLOCK_AS_IMPLICIT_KEY: "aquí no puede haber otro nivel en la misma línea",
      BLOCK_IN_FLOW: "dentro de corchetes o llaves no puede haber un bloque",
      DUPLICATE_KEY: "una clave está dos veces",
      IMPOSSIBLE: "no se puede leer",
      KEY_OVER_1024_CHARS: "una clave es demasiado larga",
      MISSING_CHAR: "falta un carácter, como una comilla, un corchete o el espacio tras los dos puntos",
      MULTILINE_IMPLICIT_KEY: "una clave ocupa varias líneas; ¿faltan los dos puntos?",
      MULTIPLE_ANCHORS: "un valor tiene varias anclas",
      MULTIPLE_TAGS: "un valor tiene varias etiquetas",
      NON_STRING_KEY: "una clave no es un texto",
      TAB_AS_INDENT: "la sangría no admite tabuladores; use espacios",
      TAG_RESOLVE_FAILED: "esa etiqueta no se conoce",
      UNEXPECTED_TOKEN: "algo que aquí no se esperaba",
      // Only for these does the library state the cause in its own words.
      RESOURCE_EXHAUSTION: "tiene más alias de los que se admiten",
    },
    invisible: (code, name) => `un carácter invisible, ${code}${name}; reemplácelo con un espacio normal`,
    invisibleNoSpace: (code, name) => `un carácter invisible, ${code}${name}; quítelo`,
    characters: {
      "U+00A0": "espacio de no separación",
      "U+00AD": "guion opcional",
      "U+200B": "espacio de ancho cero",
      "U+200E": "marca de izquierda a derecha",
      "U+200F": "marca de derecha a izquierda",
      "U+202F": "espacio estrecho de no separación",
      "U+2028": "separador de líneas",
      "U+2060": "unión de palabras",
      "U+3000": "espacio ideográfico",
      "U+FEFF": "marca de orden de bytes",
    },
    comment: (text) => `vacío, porque YAML lee ${text} como comentario; si ese es el valor, póngalo entre comillas: "${text}"`,
    swallowed: (text) => `YAML lee ${text} y el resto de la línea como comentario; póngalo entre comillas: "${text}"`,
    quoted: (text) => `un texto; póngalo entre comillas: "${text}"`,
    dashboardTaken: (name) => `${name} es el nombre de un tablero de CloudNova; importe el suyo con otro nombre mediante --name`,
    dashboardsOfNothing: (names) => `el entorno no ejecuta lo que muestra ${names}; agregue otro tablero, por ejemplo system`,
    forms: {
      quantity: "un número entero con la unidad Mi o Gi, como 64Mi o 2Gi",
      mostQuantity: "16384Gi como máximo",
      cpu: 'milésimas de núcleo como 50m, o núcleos enteros como "2"',
      duration: "una duración de Prometheus como 15s, 5m o 1h30m",
      longerThanZero: "una duración de Prometheus mayor que cero, como 15s",
      longestDuration: "una duración de Prometheus de 292 años como máximo",
      scrapeInterval:
        "una duración de Prometheus de 5s (una recolección necesita tiempo para la respuesta) a 1m (las ventanas de las reglas necesitan cuatro recolecciones)",
      label: "minúsculas, dígitos y «-», hasta 63 caracteres, con una letra o un dígito al principio y al final",
      subdomain: "minúsculas, dígitos, «-» y «.», hasta 253 caracteres, con una letra o un dígito al principio y al final de cada parte",
      sshServer: "un servidor como lo alcanza ssh, por ejemplo ubuntu@203.0.113.7",
      dnsName: "un nombre DNS como app.example.com, en minúsculas",
      noAddress: "un nombre DNS, no una dirección IP",
      publicHost: "un nombre DNS como app.example.com, o una dirección IPv4",
      image: "una imagen con su versión, como mysql:9.7.2",
      noLatest: "una imagen con versión: «latest» no es una versión",
      registry:
        "el servidor de un registro con un punto o un puerto y, si hace falta, una ruta, como mirror.example.com/hub: en minúsculas, sin https://, etiqueta ni barra final",
      registryPort: "el servidor de un registro y un puerto hasta 65535",
      mailAddress: "una dirección de correo como ops@example.com",
      server: "el nombre de un servidor y su puerto, como smtp.example.com:587",
      serverPort: "el nombre de un servidor y un puerto hasta 65535",
      clock: 'una hora de "00:00" a "24:00", entre comillas',
      timeZone: "una zona horaria como UTC o America/Bogota",
      knownTimeZone: "una zona horaria de la base de datos IANA, escrita exactamente, como UTC o America/Bogota",
      webAddress: "una dirección como https://grafana.example.com, sin barra al final",
      namespace: "un namespace dedicado, no uno del sistema del clúster",
      range: "un rango IPv4 como 10.0.0.0/8",
      dashboards: "cada tablero una sola vez",
      severities: "cada severidad una sola vez",
      days: "cada día una sola vez",
      runbooks: "una dirección o una carpeta sin barra al final",
      channel: 'un canal como "#alerts"',
      chat: "el número (ID) de un chat",
      applicationName:
        "el nombre de una aplicación: minúsculas, dígitos y «-», hasta 30 caracteres, con una letra al principio y una letra o un dígito al final",
      variable: "el nombre de una variable de entorno: letras, dígitos y «_», hasta 128 caracteres, sin un dígito al principio",
      secretKey: "una clave de un Secret: letras, dígitos, «-», «_» y «.»",
      filePath: "la ruta de un archivo o una carpeta",
      absolutePath: "una ruta en el contenedor como /app/uploads: desde /, sin «:», «..» ni barra al final",
      requestPath: "la ruta de una petición, como /health",
      ingressPath: "una ruta como /tienda: solo «/», o sin barra al final; letras, dígitos, «-», «_», «.» y «~»",
      databaseName: "el nombre de una base de datos: letras, dígitos y «_», hasta 64 caracteres",
      databaseUser: "el nombre de una cuenta de la base de datos: letras, dígitos y «_», hasta 32 caracteres",
      secretSource: "generate: true, o bien from: el nombre de un Secret suyo",
      keyOfSecret: "key solo junto con from",
      oneHealth: "path o command, no ambos",
      value: "texto, un número, o true o false",
      writable: "true, false o una lista de carpetas",
      database: "false o un grupo de claves",
      grafana: "true, false u on-demand",
      outgoing: "public, none o una lista de rangos IPv4",
      account: "una cuenta sin caracteres de control",
      origin: "la dirección de un servidor como https://s3.us-east-1.amazonaws.com, sin ruta ni barra al final",
      bucket: "el nombre de un bucket: de 3 a 63 letras minúsculas, dígitos, «-» y «.», con letra o dígito al comienzo y al final",
      storePrefix: "el comienzo de los nombres de los objetos, como cloudnova o equipo/cloudnova, sin barra al comienzo ni al final",
      cron: 'un horario de cinco campos entre comillas, como "17 2 * * *" (minuto, hora, día del mes, mes, día de la semana de 0, domingo, a 6): números, *, rangos y */PASO, con al menos diez minutos entre dos ejecuciones',
      ageRecipient:
        "una clave pública de age: age1 y 58 letras minúsculas y dígitos, copiada completa («npx cloudnova backup key» crea una)",
      recipients: "cada clave una sola vez",
      annotationKey: "la clave de una anotación, por ejemplo service.beta.kubernetes.io/aws-load-balancer-type",
      labelKey: "la clave de una etiqueta, por ejemplo app o app.kubernetes.io/name",
      labelValue:
        "el valor de una etiqueta: letras, dígitos, «-», «_» y «.», hasta 63 caracteres, con letra o dígito al comienzo y al final",
      ipv4: "una dirección IPv4, por ejemplo 203.0.113.9",
      scrapeTarget: "namespace y pods, o bien address",
      authority: "un archivo de certificados, o un grupo de claves con configMap o secret",
      oneLogin: "basicAuth o bearer, no ambas",
      oneAuthority: "o configMap o secret",
      backups: "false, o un grupo de claves",
      awsRegion: "una región de AWS, como us-east-1",
      keyPair: "el nombre de un par de claves: hasta 255 caracteres ASCII, sin espacios al comienzo ni al final",
      instanceProfile: "el nombre de un perfil de instancia: letras, dígitos y +=,.@-_, hasta 128",
      subnet: "el identificador de una subred, como subnet-0a1b2c3d4e5f60718",
      bucketPrefix: "un bucket y un prefijo, como mi-bucket/cloudnova",
    },
    serverRunsK3s: (cluster) => `un servidor por ssh ejecuta k3s, y cluster es ${cluster}; ponga cluster: k3s o quite esto`,
    definedTwice: (instance) => `la instancia ${instance} ya lo define; quite uno de los dos`,
    noMachine: "indique una instancia (instance), o memory y cpu",
    ec2NeedsK3s: "solo con cluster: k3s; kind funciona en su propio computador",
    ec2NeedsInstance: "necesita machine.instance, como t3.small",
    noLaboratorySnapshots:
      "un laboratorio no tiene permiso para crear el rol que hace los snapshots; quite la clave, o ponga laboratory: false",
    shorterThanScrape: (time, interval) =>
      `${time} es menos que el intervalo de recolección ${interval}, así que bastaría una sola muestra; ponga al menos lo mismo`,
    rateTooShort: (window, interval, least) =>
      `con un intervalo de recolección de ${interval}, una tasa sobre ${window} tiene menos de cuatro muestras y falla si falla una recolección; ponga al menos ${least}`,
    retention: (volume, retention, interval, need, compaction, least) =>
      `${volume} es poco para Prometheus: ${retention} cada ${interval} y el write-ahead log necesitan unos ${need} MiB, y la compactación ${compaction} MiB libres; ponga al menos ${least}Mi, o acorte la retención`,
    bufferPool: (pool, need, limit) =>
      `con ${pool}, MySQL necesita ${need} MiB, más que su límite de memoria (${limit}); redúzcalo, o aumente resources.mysql.memoryLimit`,
    connections: (given, need) =>
      `${given} son menos que las ${need} conexiones que pueden abrir en total todas las réplicas y sus workers; auméntelo, o reduzca replicas o workers`,
    connectionsOf: (given, need, pools) =>
      `${given} es menos que las ${need} conexiones que todas las aplicaciones pueden abrir juntas durante una actualización (${pools}); auméntelo, o reduzca replicas, procesos o pools`,
    poolOf: (name, most, processes, pool) =>
      `${name} ${most}: ${processes === 1 ? "" : `${processes} procesos con `}${pool} en cada réplica, vieja y nueva`,
    warnBaseline: (names) =>
      `advertencia: ${names} con podSecurity baseline: PUEDE EJECUTARSE COMO ROOT; con un USER numérico en el Dockerfile, quite podSecurity y user 0`,
    warnPlain: (names) =>
      `advertencia: ${names} SIN TLS: MySQL acepta inicios de sesión de su cuenta sin cifrar dentro del clúster; si el driver usa TLS, escriba database.requireTls: true`,
    warnConnections: (given, need, names, pool) =>
      `advertencia: database.maxConnections ${given} puede no bastar: ${need} con ${pool} conexiones por proceso de ${names}, que es una suposición; indique el pool en env (por ejemplo DB_POOL_SIZE, si la aplicación lo lee), o aumente database.maxConnections`,
    portTaken: (port, other) => `${port} ya lo usa ${other}; elija otro puerto`,
    clusterItself: "el propio clúster",
    fixedPorts: (cluster) =>
      `solo kind admite otros puertos; ${cluster} siempre escucha en los puertos 80 y 443 de la máquina; quite la clave`,
    belowReplicas: (most, replicas) => `${most} es menos que replicas (${replicas}); auméntelo`,
    memoryLimit: (limit, request) => `el límite de memoria ${limit} es menor que lo solicitado, ${request}; aumente memoryLimit`,
    cpuLimit: (limit, request) => `el límite de CPU ${limit} es menor que lo solicitado, ${request}; aumente cpuLimit`,
    workers: (given, need, key, workers) =>
      `${given} es menos que los ${need} MiB que la aplicación necesita con ${key} ${workers}; auméntelo, o reduzca ${key}`,
    secretTaken: (name, other) => `${name} es el nombre del Secret que CloudNova genera para ${other}; póngale otro nombre al suyo`,
    notBetween: (time, least, most) => `${time} no está entre ${least} y ${most}; elija una duración entre los dos`,
    shorterThan: (time, least) => `${time} es menos que ${least}; ponga al menos eso`,
    accountNeedsTls:
      "Alertmanager no envía contraseñas a un servidor sin TLS, así que no llegaría ningún correo; quite requireTls: false o la cuenta",
    caNeedsTls: "sin TLS el servidor no presenta ningún certificado; quite requireTls: false o privateCa",
    insideCluster: (range, key, other) =>
      `${range} está en ${other}, el rango de network.${key}; indique las direcciones de los nodos, o el rango real del clúster en network.${key}`,
    bundledTraefik: "allá responde el Traefik propio del clúster, y CloudNova no tiene un Service para él; quite la clave",
    noDatabaseAddresses: (host) =>
      `las NetworkPolicies no conocen nombres: indique en database.external.addresses los rangos en los que ${host} tiene sus direcciones, por ejemplo los de sus subredes`,
    loginNeedsTls:
      "sin TLS se podría leer una contraseña o un token en el camino, y no se verifica ningún certificado; escriba https://, o quite basicAuth, bearer y ca",
    noOwnServer: "con database.external no se ejecuta ningún servidor MySQL nuestro; quite la clave",
    authorityUnreadable: (file, code) => `${file} no se puede leer (${code}); las rutas cuentan desde la carpeta del archivo de entorno`,
    authorityKey: (file) => `${file} contiene una clave privada; indique un archivo solo con los certificados de la autoridad`,
    authorityForm: (file) =>
      `${file} no contiene ningún certificado en PEM, contiene uno dañado o más de los que caben en un ConfigMap; indique el archivo de la autoridad tal como lo publica su proveedor`,
    noTime: (from, to) => `de ${from} a ${to} está vacío; un día entero va de "00:00" a "24:00"`,
    twoIssuers: "también está letsEncrypt; quite uno de los dos",
    broughtAndIssued: (issuer) => `ingress.tls.${issuer} emite el certificado; quite uno de los dos`,
    addressNeedsLetsEncrypt:
      "una dirección necesita ingress.tls.letsEncrypt; sin eso, indique un nombre DNS o quite host, y se responde a toda dirección",
    addressNeedsHttp: "Traefik solo demuestra una dirección por http-01; quite la clave",
    addressHasNoRule: "un Ingress solo tiene reglas para nombres; quite onlyHost, o indique un nombre DNS en ingress.host",
    notPublic: (host) =>
      `Let's Encrypt no puede alcanzar ${host}: indique un nombre que tenga el DNS público, como la dirección de la máquina en sslip.io (203-0-113-7.sslip.io), o la dirección IPv4 pública de la máquina; o quite letsEncrypt`,
    secretInFile: "este archivo no debe contener secretos: escriba { generate: true }, o { from: NOMBRE } con el nombre de un Secret suyo",
    sampleName: (name) =>
      `solo la entrada webapp puede ser la aplicación de ejemplo; cambie el nombre de ${name} a webapp, o describa aquí su propia aplicación`,
    sampleAlone: (key) =>
      `junto a sample no se admite ninguna otra clave; quite ${key}, o quite sample y describa su aplicación con otro nombre`,
    webappIsSample: "webapp es el nombre de la aplicación de ejemplo: escriba webapp: { sample: {} }, o ponga otro nombre a su aplicación",
    sampleTwice: "también se da applications.webapp.sample; mueva allí estas claves y quite esta",
    sampleMoved: (keys) => `webapp en el primer nivel es obsoleta y una versión posterior la rechazará; escriba en su lugar:\n${keys}`,
    nameTaken: (name) => `${name} es el nombre de una parte de CloudNova; ponga otro nombre a su aplicación`,
    jobTaken: (name) => `una parte de CloudNova o una aplicación ya tiene el job ${name}; ponga otro nombre a este`,
    ownNamespace: (name) =>
      `${name} es de este entorno, y sus políticas rechazan la conexión; las métricas de una aplicación son applications.NOMBRE.metrics`,
    namespaceTooLong: (namespace, most) =>
      `su namespace ${namespace} tiene más de ${most} caracteres; póngale un nombre más corto, o acorte namespace`,
    noImage: "falta image o build: indique una imagen con su versión, o build: { context: CARPETA }",
    sameAddress: (other, host, path) =>
      `${other} también responde en ${path} de ${host}; dé a una de las dos su propio ingress.host o ingress.path`,
    everyName: "todo nombre",
    databaseReserved: (name) => `${name} es una base de datos de MySQL o de la aplicación de ejemplo; ponga otro nombre a la suya`,
    userReserved: (name) =>
      `${name} es una cuenta de MySQL o de CloudNova; ponga otro nombre a la suya, que tendrá los permisos sobre su base de datos que una aplicación necesita`,
    databaseTooLong: (name, most) =>
      `${name} tiene más de los ${most} caracteres con los que una restauración puede crear junto a ella sus propias bases de datos; acórtelo, o ponga backups: false`,
    databaseOfRestores: (name) => `${name} es el nombre de una base de datos en la que trabaja una restauración; dé otro nombre a la suya`,
    databaseShared: (name, other) => `${name} es también la base de datos de ${other}; dé a cada aplicación la suya`,
    userShared: (name, other) => `${name} es también la cuenta de ${other}; dé a cada aplicación la suya`,
    noSuchFact: (found, allowed) => `${found} no existe; se admiten ${allowed}; para el texto mismo, duplique sus llaves: {${found}}`,
    placeholderElsewhere: (found) =>
      `${found} solo se reemplaza en env, command, args y before; escriba aquí el valor mismo, o léalo de una variable de env`,
    noDatabase: (found) => `${found} necesita una base de datos, pero database es false; quite uno de los dos`,
    variableReserved: (name) => `CloudNova define ${name}; ponga otro nombre a la variable`,
    variableTwice: (name) => `${name} también está en env; quite uno de los dos`,
    pathTwice: (path, other) => `${other} también monta ${path}; póngale otra ruta`,
    belowFile: (path, other, file) => `${path} está debajo de ${file}, que con ${other} es un archivo; ponga a uno de los dos otra ruta`,
    fileInVolume: (file, volume, path) =>
      `${file} está dentro de ${volume} (${path}), donde quedaría un archivo vacío de root; monte el secreto fuera del volumen, por ejemplo en /run/secrets/NOMBRE`,
    rootNeedsBaseline: "el usuario 0 es root, que Pod Security rechaza; agregue podSecurity: baseline, o indique otro usuario",
    notOutside: (range, other) =>
      `${range} está dentro de ${other}, donde están los pods, los Services o las credenciales de la máquina; indique rangos fuera del clúster`,
    sqlForm: (file) =>
      `${file} no es un archivo .sql; descomprímalo si está comprimido, o cargue un dump con el cliente mysql (docs/guides/mysql.es.md)`,
    sqlEncoding: (file) => `${file} no es texto en UTF-8; conviértalo: iconv -f WINDOWS-1252 -t UTF-8`,
    sqlUnreadable: (file, code) => `${file} no se puede leer (${code}); las rutas cuentan desde la carpeta del archivo de entorno`,
    sqlEmptyFolder: (folder) => `${folder} no tiene ningún archivo .sql; quítela de aquí, o ponga allí los archivos`,
    sqlTooLarge: (bytes, most) =>
      `los archivos SQL tienen ${bytes} bytes, más que los ${most} que caben en un ConfigMap; quite aquí el archivo y cárguelo después del primer up con «npx cloudnova import data APLICACIÓN --from ARCHIVO» (docs/guides/import-data.es.md)`,
    sqlUser: (user) => `CloudNova crea la cuenta ${user} y su contraseña; quite la sentencia`,
    sqlGrant: (user, database) =>
      `la cuenta ${user} ya tiene todos los permisos sobre ${database}, y no puede dar ninguno; quite la sentencia`,
    sqlGlobal: "cambia todo el servidor, donde hay también otras bases de datos; quítela, o ponga el valor para la sesión (SET SESSION …)",
    sqlReplication:
      "un dump para replicación la asigna, y solo pueden los administradores; haga el dump con mysqldump --set-gtid-purged=OFF, o quite la sentencia",
    sqlFlush: "necesita un permiso sobre todo el servidor, y aquí nada lo necesita; quite la sentencia",
    sqlLoad: "el archivo no está en el servidor; escriba las filas como INSERT, o cárguelas con el cliente mysql (docs/guides/mysql.es.md)",
    sqlSource: "liste el propio archivo en initialise",
    sqlBroken:
      "el archivo termina dentro de una cadena, un nombre entre comillas, un comentario o las filas de un INSERT; ciérrelo, o copie de nuevo el archivo completo",
    sqlUse: (name, database) => `los archivos se ejecutan en ${database}; quite la sentencia, o ponga database.name: ${name}`,
    sqlDatabase: (name, database) =>
      `la aplicación solo tiene la base de datos ${database}; quite la sentencia, o ponga database.name: ${name}`,
    sqlOther: (name, database) =>
      `la aplicación solo tiene la base de datos ${database}; escriba la tabla sin «${name}.», o ponga database.name: ${name}`,
    sqlExists: (database) => `la base de datos ${database} ya existe; escriba CREATE DATABASE IF NOT EXISTS, o quite la sentencia`,
    sqlDefiner: (found) =>
      `${found} necesita un permiso que solo tienen los administradores; quítelo, y la cuenta de la aplicación será quien define`,
  },
});

/** The name of a form that a value must have. */
export type Form = keyof typeof environment.forms;
