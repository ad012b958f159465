import type { LeftOut } from "../compose/roles.ts";
import { messages } from "../language.ts";

/** The options of `import data` that name where the files of these volumes are. */
const volumeOptions = (names: readonly string[], folder: string): string => names.map((name) => ` --volume ${name}=${folder}`).join("");

/** Messages of `import compose`: what a Compose file lacks, and what was decided of each part of it. */
export const compose = messages({
  en: {
    noFile: "cannot be read; give a Compose file, or a folder that has one",
    noFolderFile: (names: string) => `has no Compose file (${names}); give the file`,
    oneDocument: "a second YAML document begins here; put it into a file of its own and give both files",
    tag: (message: string) => `YAML tags such as !reset and !override are not supported: ${message}`,
    notYaml: (why: string) => `not valid YAML: ${why}`,
    noProject: "not a Compose file: it has no services",
    noServices: "there are no services",
    noService: (name: string) => `extends a service ${name} that does not exist; correct the name`,
    template: (text: string) => `${text} is not a variable; write $$ for a dollar sign`,
    required: (text: string, why: string) =>
      `${text} is required, but not set${why && ` (${why})`}; set it in .env beside the Compose file`,
    unknownKey: (key: string, near: string) => `unknown key ${key}${near}; remove it, or begin its name with x-`,
    notSupported: "this key of the Compose specification is not supported; remove it for the import",
    loop: "extends or includes itself; remove one of them",
    twice: (kind: string, name: string) => `${kind}.${name} exists already; rename one of them`,
    badEnvLine: "not a line of the form NAME=value; correct it",
    noEnvFile: (example: string | undefined, path: string) =>
      example === undefined
        ? "this env file does not exist; create it with the variables that the service needs, or mark it required: false"
        : `this env file does not exist; fill in a copy of ${example}: cp ${path.replace(/[^/]*$/, "")}${example} ${path}`,
    expected: {
      map: "write a map of keys here",
      list: "write a list here",
      pairs: "write a map, or a list of NAME=value",
      port: "write a port from 1 to 65535 as 8080:80, 127.0.0.1:8080:80/tcp or 80",
      mount: "write a mount as ./folder:/path or name:/path, with :ro where it is read only",
      build: "write a folder, or a map with context",
      count: "write a whole number",
      number: "write a number such as 0.5",
      size: "write a size such as 256M",
      time: "write a time such as 1m30s",
    },
    dockerFailed: (words: string) => `docker compose config refused the project: ${words}`,
    exists: (file: string) => `${file} exists already`,
    existsAdvice: "give another name with --name, or overwrite it with --force",
    badName: (name: string) => `${name} cannot be the name of an environment: lower-case letters, digits and '-', up to 63 characters`,
    badNameAdvice: "give one with --name",
    noApplications: "no service of the project is an HTTP application that could run here",
    noApplicationsAdvice:
      "an application needs ports, expose, or a command that starts a server; a proxy such as nginx or Apache is one only where its Dockerfile copies the files that it serves",
    invalid: "the written file is not a valid environment yet; correct these places",
    head: (source: string) => `Written by import compose from ${source}. Every comment says why a value is what it is.`,
    headings: {
      taken: "Taken over",
      replaced: "Replaced by CloudNova",
      leftOut: "Left out",
      todo: "For you to do",
    },
    wrote: (file: string, count: number) => `${file}: ${count === 1 ? "1 application" : `${count} applications`}`,
    readWith: { docker: "read with docker compose config", own: "read without Docker" },
    next: (name: string) => `next: npx cloudnova up ${name}`,

    why: {
      cluster: "kind runs on this computer; k3s on a server",
      machine: "the machine that everything has to fit on: correct it",
      memoryLimit: "so that it fits on 2 GiB; the default is 256Mi",
      host: "from the proxy's server name",
      scrapeInterval: (file: string) => `from ${file}`,
      scrapeIntervalOther: (interval: string) => `it was ${interval}; from 5s to 1m is possible`,
      retention: "from the command of Prometheus",
      dashboards: "imported from the project's Grafana",
      applications: "each has a namespace, a database and an account of its own; without an entry webapp the sample does not run",
      application: (service: string) => `from the service ${service}`,
      build: "built by up",
      image: "pulled by the cluster",
      noVersion: "the project names no version: write one in place of VERSION",
      writeDockerfile: "the project mounts the code into an image: write a Dockerfile in this folder",
      portOfProxy: (proxy: string) => `where ${proxy} sent its requests`,
      portOfLabel: "from Traefik's label",
      portOfPorts: (port: string) => `from ports: ${port}; browsers reach it at 443 through Traefik`,
      portOfExpose: "from expose",
      portOfCommand: "from the command",
      portOfImage: "from EXPOSE in the Dockerfile",
      portOfServer: "the usual port of this server",
      portGuessed: "a guess: nothing in the project names a port",
      entrypoint: "from entrypoint",
      command: "from command",
      replicas: "from the project",
      resources: "from the project's limits",
      grace: "from stop_grace_period",
      user: "from the project",
      root: "the image runs as root; with a USER in the Dockerfile remove these three keys",
      writable: "from tmpfs, and folders of log files",
      health: "from the health check",
      metrics: "the project's Prometheus read them",
      noDatabase: "nothing in the service names the database",
      sharedDatabase: (database: string, owner: string) => `${owner} has the database of ${database}`,
      outsideDatabase: "its database is outside of the project, and its variables name it as before",
      databaseName: "from the project",
      databaseUrl: "the database's URL, with the account that CloudNova creates",
      databaseHost: (host: string) => `was ${host}`,
      databaseFact: "from the database service",
      databasePassword: "created in the cluster; it is in no file",
      byName: "not set in the project; named as a fact of the database",
      read: (place: string) => `${place} reads it`,
      readSecret: (place: string) => `${place} reads it; a random value, created in the cluster`,
      noRoot: "no application gets MySQL's root account",
      notSet: "no value in the project or in the shell",
      passwordFile: "the database's password, as the file that the application reads",
      generated: "a random value, created in the cluster; sessions and tokens of before end",
      emptySecret: "empty in the project; with a value, move it to secrets",
      ownSecret: (application: string, key: string) =>
        `bring its value: kubectl -n cloudnova-${application} create secret generic ${application}-own --from-literal=${key}=…`,
      ownFile: (application: string, secret: string, target: string) =>
        `the file ${target}; bring it: kubectl -n cloudnova-${application} create secret generic ${application}-own --from-file=${secret}=…`,
      initialise: "run once in the empty database",
      noDriver: "no MySQL driver was found in the requirements; true refuses connections without TLS",
      driverWithTls: (driver: string, file: string) => `${driver} (${file}) uses TLS by itself`,
      driverPlain: (driver: string, file: string) =>
        `WITHOUT TLS: ${driver} (${file}) may connect without it, so its connections are allowed in plain text; set it to true when the driver uses TLS`,
      tlsOff: (place: string) => `WITHOUT TLS: ${place} turns it off`,
      fromProxy: (proxy: string) => `from ${proxy}`,
      path: "from the proxy",
      pathFree: "another application already answers at its address",
      volume: (source: string) => `from the volume ${source}; its files are not copied: import data --compose copies them`,
      bindVolume: (source: string) =>
        `was the folder ${source} of the machine; its files are not copied: import data --compose copies them`,
      bindMissing: (source: string) => `was the folder ${source} of the machine, which does not exist here`,
      bindInContext: (source: string) =>
        `was the folder ${source} of the project; what it holds in the image is hidden by the empty volume`,
    },

    renamed: {
      noLetters: "a name needs letters from a to z",
      sample: (name: string) => `${name} is the name of the sample application`,
      used: (name: string, service: string) => `the service ${service} has the name ${name}`,
      taken: (name: string) => `${name} is the name of a part of CloudNova`,
    },
    keys: {
      order: (keys: string) => `${keys}: containers start in any order, and one that ends is started again until the database answers`,
      platform: (keys: string) => `${keys}: Kubernetes does this itself`,
      development: (keys: string) => `${keys}: only for development`,
      logging: (keys: string) => `${keys}: logs are read with npx cloudnova logs`,
      isolation: (keys: string) => `${keys}: not allowed in the application's namespace; if it does not run without, it cannot run here`,
      none: (keys: string) => `${keys}: CloudNova has no such setting`,
    },
    volume: {
      inImage: (target: string) => `volumes ${target}: the image has it`,
      dockerSocket: "the Docker socket: there is none in the cluster",
      logs: (targets: string) =>
        `volumes ${targets}: log files are not kept; let the application log to standard output for npx cloudnova logs`,
      socket: (target: string) => `volumes ${target}: the proxy's socket; the Ingress uses the port`,
      machine: (target: string) => `volumes ${target}: belongs to the machine`,
      file: (name: string, target: string) => `${name}${target && ` at ${target}`}: copy the file into the image (COPY in the Dockerfile)`,
      folder: (name: string, target: string) => `${name} at ${target}: copy the folder into the image (COPY in the Dockerfile)`,
      kind: (type: string, target: string) => `volumes ${target}: CloudNova has no mounts of type ${type}`,
      source: (name: string, target: string) => `${name} at ${target}: the image holds the code`,
    },
    leftOut: {
      profile: (profiles: string, first: string) => `only in the profile ${profiles}; take it over with --profile ${first}`,
      ports: (ports: string, port: number) => `ports ${ports}: an application has one port, ${port}`,
      labels: (labels: string) => `labels ${labels}`,
      host: (host: string) => `the name ${host}: kind answers at https://localhost:8443; on a server write ingress.host: ${host}`,
      job: (job: string, targets: string) => `the scrape job ${job} (${targets}): it is not an application of this environment`,
      grafanaPassword: "Grafana's password: a new one is created in the cluster",
      dashboard: (why: string) => `the dashboard cannot be used: ${why}`,
      settings: (files: string) => `${files}: MySQL's settings are CloudNova's; database.bufferPool and database.maxConnections can be set`,
      options: (options: string) => `${options}: MySQL's settings are CloudNova's`,
      accountOnly: (files: string) => `${files}: only makes the database and its account, which CloudNova makes itself`,
      replicas: (wanted: number, most: number) => `${wanted} replicas: an application has at most ${most}`,
      noReplicas: "0 replicas: here it runs once; remove the entry if it should not run",
      databasePort: "the database's port on the machine: open a connection with npx cloudnova open",
    },
    taken: {
      application: (name: string, port: number) => `application ${name}, port ${port}`,
      respelled: (name: string) => `its name here is ${name}`,
      renamed: (name: string, why: string) => `its name here is ${name}: ${why}`,
      unprivileged: "runs as user 10001, not as root, and may write to /tmp only: more with writable, volumes or user",
      noRoot: (names: string) => `${names} named root: the application has an account of its own with all rights on its database`,
      migration: (command: string) => `'${command}' runs at each start of each replica; with before: it runs once before a new version`,
      outgoing: (hosts: string) => `connects to ${hosts}: public addresses are allowed; narrow them with outgoing`,
      initialise: (files: string) => `${files}: run once in the empty database; synth checks them`,
      dashboard: (name: string) => `imported as ${name}`,
      capitals: (files: string) => `${files}: MySQL's image runs names in .sql alone; here it runs as well`,
      hasShared: (database: string, others: string) => `it gets the database of ${database}; ${others} uses it too, and does not get it`,
      hostInCommand: (words: string) => `the command named the database's host: now ${words}`,
    },
    replaced: {
      proxy: (files: string) => `by the Ingress (Traefik with TLS); read: ${files}`,
      proxyWithout: "by the Ingress (Traefik with TLS); no configuration of it was found to read",
      traefik: "by CloudNova's Traefik; the labels of the applications were read",
      database: "by CloudNova's MySQL; each application has a database and an account of its own, passwords are created in the cluster",
      nativePassword: "accounts use caching_sha2_password: MySQL 9 has no mysql_native_password",
      prometheus: (file: string) => `by CloudNova's Prometheus; read: ${file}`,
      prometheusWithout: "by CloudNova's Prometheus; no prometheus.yml was found to read",
      grafana: "by CloudNova's Grafana",
      alertmanager: "by CloudNova's Alertmanager",
      exporter: "by CloudNova's own exporters",
      admin: "by npx cloudnova open: connect MySQL Workbench or DBeaver to the forwarded port",
    },
    role: {
      cache: "a cache: CloudNova runs MySQL alone",
      queue: "a message queue: CloudNova runs MySQL alone",
      otherDatabase: "a data store other than MySQL",
      logs: "logs and traces: CloudNova has metrics, and npx cloudnova logs",
      mail: "a mail server",
      tool: "a tool for development or for the machine",
      worker: "not an HTTP application: no port was found",
      task: "a task that ends",
    } as Readonly<Record<LeftOut, string>>,
    roleTodo: {
      cache:
        "use a hosted one and give its address to the application, or keep what it holds in MySQL; in-memory caches and sessions need sticky",
      queue: "use a hosted one and give its address to the application",
      otherDatabase: "use a hosted one and give its address to the application, or move the data to MySQL",
      logs: "if you need to search older logs, send them to a hosted service",
      mail: "give the application the address of a real mail server",
      worker:
        "run it inside the application's container, or as a Deployment of your own in its namespace; if it is an application, name its port in expose",
      task: "for a migration write its command as before: of the application",
    } as Readonly<Partial<Record<LeftOut, string>>>,
    todo: {
      remoteBuild: (context: string) => `clone ${context} and name the folder in build.context`,
      noDockerfile: (file: string) => `write ${file}: it does not exist`,
      secretArgs: (names: string) => `build arguments ${names} look like secrets and were left out: they would stay in the image`,
      codeByMount: (folder: string, target: string, advice: string) =>
        `${folder} at ${target}: this mount alone brings the code, and the cluster has no such mount; ${advice}`,
      copyCode: (line: string, dockerfile: string) => `add the line '${line}' to ${dockerfile}`,
      copyFromOutside: (context: string, target: string, dockerfile: string) =>
        `move it below ${context}, and add a COPY of it with the target ${target} to ${dockerfile}`,
      writeDockerfile: (folder: string, text: string) => `write ${folder}/Dockerfile, such as:\n${text}`,
      noVersion: (image: string, context: string | undefined) =>
        `name a version of ${image} in place of VERSION${context === undefined ? "" : `; if the project's Dockerfile makes this image, write build: { context: ${context} } in place of image`}`,
      root: (place: string) =>
        `RUNS AS ROOT (${place}): its namespace has the Pod Security level baseline; better add a USER with a number to the Dockerfile and remove user, podSecurity and writable`,
      namedUser: (name: string) => `the user ${name} has no number here: write user: with the number of 'docker run --rm IMAGE id -u'`,
      group: (group: string, user: string) => `the group ${group} becomes ${user}: files of the image must be readable for it`,
      lowPort: (port: number) => `port ${port} needs root on some machines: let it listen at 8000 and change port`,
      loopback: (place: string) =>
        `${place} starts the server without host: write host="0.0.0.0", or nothing outside of the container reaches it`,
      logFiles: (places: string) =>
        `${places}: opens a log file where the application may not write; log to standard output, or to a file in /tmp`,
      rootInSource: (places: string) => `${places}: names root; read the account from a variable with {database.user}`,
      hardCoded: (places: string) =>
        `${places}: the database's address is written in the source; read address, account, password and name from variables, such as os.environ["MYSQL_HOST"], and set them in env: MYSQL_HOST: "{database.host}"`,
      noVariables: 'no variable of it names the database: write those that it reads into env, such as MYSQL_HOST: "{database.host}"',
      sharedDatabase: (database: string, owner: string, variables: string) =>
        `it uses the database of ${database}, which ${owner} has: two applications cannot share a database. Let it ask ${owner} over HTTP, or start both in one container; or write database: {} for an empty one of its own, with {database.host} and its siblings in ${variables === "" ? "its variables" : variables}. If it should have the database in place of ${owner}, move database: and the variables' values here`,
      keepsOutside:
        "it uses a MySQL server outside of the project, and its variables stay as they are; to move to CloudNova's MySQL write database: {} with {database.host} and its siblings in the variables",
      databaseTaken: (wish: string, holder: string, name: string) =>
        `its database is named ${name}, as ${holder} has one of the name ${wish}: change ${wish} in the source and in SQL files`,
      leadsNowhere:
        "no request of it was found to lead to a service of the project; if it serves files, build an image of them (FROM nginx:1.27, COPY site /usr/share/nginx/html), name it with build in the Compose file and import again",
      sentOn: (file: string, path: string, service: string) =>
        `${file} sends ${path} to ${service}: the Ingress does so itself; remove this location from the file, since a web server does not start with a host name that the cluster does not have`,
      secretInVolume: (from: string, volume: string, to: string) =>
        `its secret ${from} was inside the volume ${volume}: now it is ${to}; let the application read it there`,
      missingFolder: (folder: string, target: string) =>
        `${folder} at ${target} does not exist here, so an empty volume takes its place; if it is a file, or the image has files there, remove the volume`,
      emptyVolumes: (list: string, application: string, names: readonly string[]) =>
        `its volumes begin empty: ${list}; after the first up bring their files: 'npx cloudnova import data ${application}${volumeOptions(names, "FOLDER")}'`,
      reservedName: (name: string) =>
        `its database cannot be named ${name}, which is reserved: it gets the application's name; change USE ${name} in SQL files`,
      databaseRenamed: (from: string, to: string) =>
        `its database is named ${to}, as a name has letters, digits and '_': write ${to} where the source or a SQL file says ${from}`,
      empty: (names: string) => `${names} had no value; check them`,
      workdir: (folder: string) => `write WORKDIR ${folder} into the Dockerfile: there is no key for working_dir`,
      ownSecret: (application: string, bring: string) =>
        `bring secrets that the file does not hold, after the first up has made the namespace: kubectl -n cloudnova-${application} create secret generic ${application}-own ${bring}`,
      secondAddress: (path: string) =>
        `two applications have the same address: this one answers at ${path}, which is taken away before it sees the request; give it a host or path of its own under ingress`,
      protocol: (name: string) =>
        `the proxy spoke ${name} with it: Traefik needs HTTP at a port, such as gunicorn, or uwsgi with http = 0.0.0.0:PORT in place of socket`,
      otherService: (key: string, service: string) =>
        `${key} names the service ${service}, which has no such name in the cluster: write an address that works there; applications reach each other at their public names`,
      staticFiles: (paths: string) =>
        `the proxy served the files of ${paths} itself; let the application serve them (Flask serves /static; WhiteNoise serves others)`,
      proxyPassword: "the proxy asked for a password: let the application do so",
      nativeInSource: (places: string) => `${places}: names mysql_native_password, which MySQL 9 does not have; remove auth_plugin`,
      tlsOff: (place: string) => `${place}: turns TLS off; remove it, and set requireTls: true`,
      oldConnector: (file: string) => `${file}: this version does not know caching_sha2_password; write mysql-connector-python>=8.0.11`,
      connector: (file: string) =>
        `${file}: mysql-connector is out of date and does not know caching_sha2_password; write mysql-connector-python>=8.0.11 in its place`,
      cryptography: (file: string, driver: string) =>
        `${driver} needs a package to log in without TLS: add the line 'cryptography' to ${file}; from PyMySQL 1.2 on it uses TLS by itself`,
      oldPackage: (named: string, lines: string, file: string) =>
        `${named} does not start with the newest packages, which pip installs beside it: add to ${file}: ${lines}`,
      missing: (files: string) =>
        `${files}: does not exist, so the database stays empty; correct the mount and import again, or name the file in database.initialise`,
      scripts: (files: string) => `${files}: only .sql files can run in the empty database; write it as SQL, or unpack it`,
      mariadb: "MariaDB becomes MySQL: check types and functions that only MariaDB has (SEQUENCE, RETURNING, INET6, UUID)",
      oldMysql: (version: string) =>
        `MySQL ${version} becomes 9: check reserved words (RANK, GROUPS, SYSTEM), GROUP BY, and utf8 that is utf8mb4 now`,
      data: "its rows are not copied: after the first up run 'npx cloudnova import data APPLICATION --compose FILE' while the project runs",
      unusedDatabase: "no application uses it; write database: {} to the one that does",
      outsideDatabase:
        "the database was outside of the project: the application gets an empty one on CloudNova's MySQL; write database: false and its own variables to keep the other",
      unset: (names: string) => `${names} are not set, so they count as empty; set them in .env and import again`,
      alerts: (file: string, alerts: string, path: string) =>
        `${file}: the alerts ${alerts} are not taken over, since CloudNova has alerts of its own; for yours write monitoring: { rules: [${path}] }, which synth checks`,
      job: (job: string, targets: string, port: string, path: string) =>
        `the scrape job ${job} asks ${targets}, which is no service of the project; if an application has these metrics, write metrics: { port: ${port}, path: ${path} } into its entry`,
      receivers: (names: string) => `notifications (${names}) are not taken over, since they hold secrets: see docs/alerting.md`,
    },
  },
  es: {
    noFile: "no se puede leer; indique un archivo de Compose, o una carpeta que tenga uno",
    noFolderFile: (names) => `no tiene ningún archivo de Compose (${names}); indique el archivo`,
    oneDocument: "aquí empieza un segundo documento YAML; póngalo en un archivo propio e indique los dos archivos",
    tag: (message) => `no se admiten etiquetas de YAML como !reset y !override: ${message}`,
    notYaml: (why) => `YAML no válido: ${why}`,
    noProject: "no es un archivo de Compose: no tiene servicios",
    noServices: "no hay servicios",
    noService: (name) => `extiende un servicio ${name} que no existe; corrija el nombre`,
    template: (text) => `${text} no es una variable; escriba $$ para el signo de dólar`,
    required: (text, why) => `${text} es obligatoria y no tiene valor${why && ` (${why})`}; defínala en .env, junto al archivo de Compose`,
    unknownKey: (key, near) => `clave desconocida ${key}${near}; quítela, o haga que su nombre empiece por x-`,
    notSupported: "esta clave de la especificación de Compose no se admite; quítela para la importación",
    loop: "se extiende o se incluye a sí mismo; quite uno de los dos",
    twice: (kind, name) => `${kind}.${name} ya existe; cambie uno de los dos nombres`,
    badEnvLine: "no es una línea de la forma NOMBRE=valor; corríjala",
    noEnvFile: (example, path) =>
      example === undefined
        ? "este archivo de variables no existe; créelo con las variables que el servicio necesita, o márquelo con required: false"
        : `este archivo de variables no existe; complete una copia de ${example}: cp ${path.replace(/[^/]*$/, "")}${example} ${path}`,
    expected: {
      map: "escriba aquí un grupo de claves",
      list: "escriba aquí una lista",
      pairs: "escriba un grupo de claves, o una lista de NOMBRE=valor",
      port: "escriba un puerto de 1 a 65535 como 8080:80, 127.0.0.1:8080:80/tcp u 80",
      mount: "escriba un montaje como ./carpeta:/ruta o nombre:/ruta, con :ro si es de solo lectura",
      build: "escriba una carpeta, o un grupo de claves con context",
      count: "escriba un número entero",
      number: "escriba un número como 0.5",
      size: "escriba un tamaño como 256M",
      time: "escriba un tiempo como 1m30s",
    },
    dockerFailed: (words) => `docker compose config rechazó el proyecto: ${words}`,
    exists: (file) => `${file} ya existe`,
    existsAdvice: "indique otro nombre con --name, o sobrescríbalo con --force",
    badName: (name) => `${name} no puede ser el nombre de un entorno: minúsculas, dígitos y «-», hasta 63 caracteres`,
    badNameAdvice: "indique uno con --name",
    noApplications: "ningún servicio del proyecto es una aplicación HTTP que pueda funcionar aquí",
    noApplicationsAdvice:
      "una aplicación necesita ports, expose, o un comando que inicie un servidor; un proxy como nginx o Apache solo lo es si su Dockerfile copia los archivos que sirve",
    invalid: "el archivo escrito todavía no es un entorno válido; corrija estos lugares",
    head: (source) => `Escrito por import compose a partir de ${source}. Cada comentario dice por qué un valor es el que es.`,
    headings: {
      taken: "Se conserva",
      replaced: "Lo reemplaza CloudNova",
      leftOut: "Se omite",
      todo: "Le corresponde a usted",
    },
    wrote: (file, count) => `${file}: ${count === 1 ? "1 aplicación" : `${count} aplicaciones`}`,
    readWith: { docker: "leído con docker compose config", own: "leído sin Docker" },
    next: (name) => `siguiente paso: npx cloudnova up ${name}`,

    why: {
      cluster: "kind funciona en este computador; k3s, en un servidor",
      machine: "la máquina en la que todo debe caber: corríjala",
      memoryLimit: "para que quepa en 2 GiB; el valor predeterminado es 256Mi",
      host: "del nombre de servidor del proxy",
      scrapeInterval: (file) => `de ${file}`,
      scrapeIntervalOther: (interval) => `era ${interval}; se admite de 5s a 1m`,
      retention: "del comando de Prometheus",
      dashboards: "importados del Grafana del proyecto",
      applications:
        "cada una tiene su namespace, su base de datos y su cuenta; sin una entrada webapp, la aplicación de ejemplo no se ejecuta",
      application: (service) => `del servicio ${service}`,
      build: "la construye up",
      image: "la descarga el clúster",
      noVersion: "el proyecto no indica ninguna versión: escriba una en lugar de VERSION",
      writeDockerfile: "el proyecto monta el código en una imagen: escriba un Dockerfile en esta carpeta",
      portOfProxy: (proxy) => `adonde ${proxy} enviaba sus peticiones`,
      portOfLabel: "de la etiqueta de Traefik",
      portOfPorts: (port) => `de ports: ${port}; los navegadores llegan por el 443, a través de Traefik`,
      portOfExpose: "de expose",
      portOfCommand: "del comando",
      portOfImage: "de EXPOSE en el Dockerfile",
      portOfServer: "el puerto habitual de este servidor",
      portGuessed: "una suposición: nada en el proyecto indica un puerto",
      entrypoint: "de entrypoint",
      command: "de command",
      replicas: "del proyecto",
      resources: "de los límites del proyecto",
      grace: "de stop_grace_period",
      user: "del proyecto",
      root: "la imagen se ejecuta como root; con un USER en el Dockerfile, quite estas tres claves",
      writable: "de tmpfs, y carpetas de archivos de log",
      health: "de la comprobación de salud",
      metrics: "las leía el Prometheus del proyecto",
      noDatabase: "nada en el servicio menciona la base de datos",
      sharedDatabase: (database, owner) => `${owner} tiene la base de datos de ${database}`,
      outsideDatabase: "su base de datos está fuera del proyecto, y sus variables la indican como antes",
      databaseName: "del proyecto",
      databaseUrl: "la URL de la base de datos, con la cuenta que crea CloudNova",
      databaseHost: (host) => `era ${host}`,
      databaseFact: "del servicio de base de datos",
      databasePassword: "se crea en el clúster; no está en ningún archivo",
      byName: "sin valor en el proyecto; su nombre es el de un dato de la base de datos",
      read: (place) => `${place} la lee`,
      readSecret: (place) => `${place} la lee; un valor aleatorio, creado en el clúster`,
      noRoot: "ninguna aplicación recibe la cuenta root de MySQL",
      notSet: "sin valor en el proyecto y en el shell",
      passwordFile: "la contraseña de la base de datos, como el archivo que lee la aplicación",
      generated: "un valor aleatorio, creado en el clúster; las sesiones y los tokens anteriores terminan",
      emptySecret: "vacía en el proyecto; si tiene valor, pásela a secrets",
      ownSecret: (application, key) =>
        `aporte su valor: kubectl -n cloudnova-${application} create secret generic ${application}-own --from-literal=${key}=…`,
      ownFile: (application, secret, target) =>
        `el archivo ${target}; apórtelo: kubectl -n cloudnova-${application} create secret generic ${application}-own --from-file=${secret}=…`,
      initialise: "se ejecutan una vez en la base de datos vacía",
      noDriver: "no se encontró ningún driver de MySQL en los requisitos; true rechaza conexiones sin TLS",
      driverWithTls: (driver, file) => `${driver} (${file}) usa TLS por sí mismo`,
      driverPlain: (driver, file) =>
        `SIN TLS: ${driver} (${file}) puede conectarse sin él, así que se admiten sus conexiones sin cifrar; póngalo en true cuando el driver use TLS`,
      tlsOff: (place) => `SIN TLS: ${place} lo desactiva`,
      fromProxy: (proxy) => `de ${proxy}`,
      path: "del proxy",
      pathFree: "otra aplicación ya responde en su dirección",
      volume: (source) => `del volumen ${source}; sus archivos no se copian: los copia import data --compose`,
      bindVolume: (source) => `era la carpeta ${source} de la máquina; sus archivos no se copian: los copia import data --compose`,
      bindMissing: (source) => `era la carpeta ${source} de la máquina, que aquí no existe`,
      bindInContext: (source) => `era la carpeta ${source} del proyecto; el volumen vacío oculta lo que la imagen tiene ahí`,
    },

    renamed: {
      noLetters: "un nombre necesita letras de la a a la z",
      sample: (name) => `${name} es el nombre de la aplicación de ejemplo`,
      used: (name, service) => `el servicio ${service} tiene el nombre ${name}`,
      taken: (name) => `${name} es el nombre de una parte de CloudNova`,
    },
    keys: {
      order: (keys) =>
        `${keys}: los contenedores arrancan en cualquier orden, y el que termina arranca de nuevo hasta que la base de datos responde`,
      platform: (keys) => `${keys}: de eso se encarga Kubernetes`,
      development: (keys) => `${keys}: solo para desarrollo`,
      logging: (keys) => `${keys}: los logs se leen con npx cloudnova logs`,
      isolation: (keys) => `${keys}: no se admite en el namespace de la aplicación; si no funciona sin eso, no puede funcionar aquí`,
      none: (keys) => `${keys}: CloudNova no tiene ese ajuste`,
    },
    volume: {
      inImage: (target) => `volumes ${target}: está en la imagen`,
      dockerSocket: "el socket de Docker: en el clúster no hay ninguno",
      logs: (targets) =>
        `volumes ${targets}: los archivos de log no se conservan; haga que la aplicación escriba en la salida estándar para npx cloudnova logs`,
      socket: (target) => `volumes ${target}: el socket del proxy; el Ingress usa el puerto`,
      machine: (target) => `volumes ${target}: es de la máquina`,
      file: (name, target) => `${name}${target && ` en ${target}`}: copie el archivo en la imagen (COPY en el Dockerfile)`,
      folder: (name, target) => `${name} en ${target}: copie la carpeta en la imagen (COPY en el Dockerfile)`,
      kind: (type, target) => `volumes ${target}: CloudNova no tiene montajes del tipo ${type}`,
      source: (name, target) => `${name} en ${target}: la imagen contiene el código`,
    },
    leftOut: {
      profile: (profiles, first) => `solo en el perfil ${profiles}; inclúyalo con --profile ${first}`,
      ports: (ports, port) => `ports ${ports}: una aplicación tiene un solo puerto, ${port}`,
      labels: (labels) => `labels ${labels}`,
      host: (host) => `el nombre ${host}: kind responde en https://localhost:8443; en un servidor escriba ingress.host: ${host}`,
      job: (job, targets) => `el job de recolección ${job} (${targets}): no es una aplicación de este entorno`,
      grafanaPassword: "la contraseña de Grafana: se crea una nueva en el clúster",
      dashboard: (why) => `el tablero no se puede usar: ${why}`,
      settings: (files) =>
        `${files}: los ajustes de MySQL son los de CloudNova; se pueden cambiar database.bufferPool y database.maxConnections`,
      options: (options) => `${options}: los ajustes de MySQL son los de CloudNova`,
      accountOnly: (files) => `${files}: solo crea la base de datos y su cuenta, que CloudNova crea por su parte`,
      replicas: (wanted, most) => `${wanted} réplicas: una aplicación tiene como máximo ${most}`,
      noReplicas: "0 réplicas: aquí se ejecuta una; quite la entrada si no debe ejecutarse",
      databasePort: "el puerto de la base de datos en la máquina: abra una conexión con npx cloudnova open",
    },
    taken: {
      application: (name, port) => `aplicación ${name}, puerto ${port}`,
      respelled: (name) => `su nombre aquí es ${name}`,
      renamed: (name, why) => `su nombre aquí es ${name}: ${why}`,
      unprivileged: "se ejecuta como usuario 10001, no como root, y solo puede escribir en /tmp: más con writable, volumes o user",
      noRoot: (names) => `${names} indicaba root: la aplicación tiene una cuenta propia con todos los permisos en su base de datos`,
      migration: (command) =>
        `«${command}» se ejecuta en cada arranque de cada réplica; con before: se ejecuta una vez antes de una versión nueva`,
      outgoing: (hosts) => `se conecta con ${hosts}: se admiten direcciones públicas; limítelas con outgoing`,
      initialise: (files) => `${files}: se ejecutan una vez en la base de datos vacía; synth los revisa`,
      dashboard: (name) => `importado como ${name}`,
      capitals: (files) => `${files}: la imagen de MySQL solo ejecuta nombres en .sql; aquí se ejecuta también`,
      hasShared: (database, others) => `recibe la base de datos de ${database}; ${others} también la usa, y no la recibe`,
      hostInCommand: (words) => `el comando indicaba el servidor de la base de datos: ahora ${words}`,
    },
    replaced: {
      proxy: (files) => `por el Ingress (Traefik con TLS); se leyó: ${files}`,
      proxyWithout: "por el Ingress (Traefik con TLS); no se encontró ninguna configuración suya que leer",
      traefik: "por el Traefik de CloudNova; se leyeron las etiquetas de las aplicaciones",
      database: "por el MySQL de CloudNova; cada aplicación tiene su base de datos y su cuenta, las contraseñas se crean en el clúster",
      nativePassword: "las cuentas usan caching_sha2_password: MySQL 9 no tiene mysql_native_password",
      prometheus: (file) => `por el Prometheus de CloudNova; se leyó: ${file}`,
      prometheusWithout: "por el Prometheus de CloudNova; no se encontró ningún prometheus.yml que leer",
      grafana: "por el Grafana de CloudNova",
      alertmanager: "por el Alertmanager de CloudNova",
      exporter: "por los exporters de CloudNova",
      admin: "por npx cloudnova open: conecte MySQL Workbench o DBeaver al puerto reenviado",
    },
    role: {
      cache: "una caché: CloudNova solo ejecuta MySQL",
      queue: "una cola de mensajes: CloudNova solo ejecuta MySQL",
      otherDatabase: "un almacén de datos que no es MySQL",
      logs: "logs y trazas: CloudNova tiene métricas y npx cloudnova logs",
      mail: "un servidor de correo",
      tool: "una herramienta de desarrollo o de la máquina",
      worker: "no es una aplicación HTTP: no se encontró ningún puerto",
      task: "una tarea que termina",
    },
    roleTodo: {
      cache:
        "use una alojada e indique su dirección a la aplicación, o guarde en MySQL lo que contiene; las cachés y sesiones en memoria necesitan sticky",
      queue: "use una alojada e indique su dirección a la aplicación",
      otherDatabase: "use uno alojado e indique su dirección a la aplicación, o pase los datos a MySQL",
      logs: "si necesita buscar en logs antiguos, envíelos a un servicio alojado",
      mail: "indique a la aplicación la dirección de un servidor de correo real",
      worker:
        "ejecútelo en el contenedor de la aplicación, o como un Deployment propio en su namespace; si es una aplicación, indique su puerto en expose",
      task: "para una migración, escriba su comando como before: de la aplicación",
    },
    todo: {
      remoteBuild: (context) => `clone ${context} e indique la carpeta en build.context`,
      noDockerfile: (file) => `escriba ${file}: no existe`,
      secretArgs: (names) => `los argumentos de construcción ${names} parecen secretos y se omitieron: quedarían en la imagen`,
      codeByMount: (folder, target, advice) =>
        `${folder} en ${target}: el código solo llega por este montaje, que en el clúster no existe; ${advice}`,
      copyCode: (line, dockerfile) => `agregue la línea «${line}» a ${dockerfile}`,
      copyFromOutside: (context, target, dockerfile) =>
        `muévalo a ${context}, y agregue un COPY suyo con el destino ${target} a ${dockerfile}`,
      writeDockerfile: (folder, text) => `escriba ${folder}/Dockerfile, por ejemplo:\n${text}`,
      noVersion: (image, context) =>
        `indique una versión de ${image} en lugar de VERSION${context === undefined ? "" : `; si el Dockerfile del proyecto crea esta imagen, escriba build: { context: ${context} } en lugar de image`}`,
      root: (place) =>
        `SE EJECUTA COMO ROOT (${place}): su namespace tiene el nivel de Pod Security baseline; es mejor agregar al Dockerfile un USER con número y quitar user, podSecurity y writable`,
      namedUser: (name) => `el usuario ${name} no tiene número aquí: escriba user: con el número de «docker run --rm IMAGEN id -u»`,
      group: (group, user) => `el grupo ${group} pasa a ser ${user}: debe poder leer los archivos de la imagen`,
      lowPort: (port) => `el puerto ${port} necesita root en algunas máquinas: haga que escuche en el 8000 y cambie port`,
      loopback: (place) => `${place} inicia el servidor sin host: escriba host="0.0.0.0", o nada fuera del contenedor lo alcanza`,
      logFiles: (places) =>
        `${places}: abre un archivo de log donde la aplicación no puede escribir; escriba el log en la salida estándar, o en un archivo de /tmp`,
      rootInSource: (places) => `${places}: indica root; lea la cuenta de una variable con {database.user}`,
      hardCoded: (places) =>
        `${places}: la dirección de la base de datos está escrita en el código; lea dirección, cuenta, contraseña y nombre de variables, como os.environ["MYSQL_HOST"], y defínalas en env: MYSQL_HOST: "{database.host}"`,
      noVariables: 'ninguna variable suya menciona la base de datos: escriba en env las que lee, como MYSQL_HOST: "{database.host}"',
      sharedDatabase: (database, owner, variables) =>
        `usa la base de datos de ${database}, que tiene ${owner}: dos aplicaciones no pueden compartir una base de datos. Haga que la consulte a ${owner} por HTTP, o inicie las dos en un contenedor; o escriba database: {} para una propia y vacía, con {database.host} y las demás en ${variables === "" ? "sus variables" : variables}. Si debe tener la base de datos en lugar de ${owner}, pase aquí database: y los valores de las variables`,
      keepsOutside:
        "usa un servidor MySQL fuera del proyecto, y sus variables quedan como están; para pasar al MySQL de CloudNova escriba database: {} con {database.host} y las demás en las variables",
      databaseTaken: (wish, holder, name) =>
        `su base de datos se llama ${name}, pues ${holder} tiene una con el nombre ${wish}: cambie ${wish} en el código y en los archivos SQL`,
      leadsNowhere:
        "no se encontró ninguna petición suya que lleve a un servicio del proyecto; si sirve archivos, construya una imagen con ellos (FROM nginx:1.27, COPY sitio /usr/share/nginx/html), indíquela con build en el archivo de Compose e importe de nuevo",
      sentOn: (file, path, service) =>
        `${file} envía ${path} a ${service}: de eso se encarga el Ingress; quite esa location del archivo, pues un servidor web no arranca con un nombre que el clúster no tiene`,
      secretInVolume: (from, volume, to) =>
        `su secreto ${from} estaba dentro del volumen ${volume}: ahora es ${to}; haga que la aplicación lo lea ahí`,
      missingFolder: (folder, target) =>
        `${folder} en ${target} no existe aquí, así que la reemplaza un volumen vacío; si es un archivo, o la imagen tiene archivos ahí, quite el volumen`,
      emptyVolumes: (list, application, names) =>
        `sus volúmenes empiezan vacíos: ${list}; después del primer up traiga sus archivos: «npx cloudnova import data ${application}${volumeOptions(names, "CARPETA")}»`,
      reservedName: (name) =>
        `su base de datos no puede llamarse ${name}, un nombre reservado: recibe el de la aplicación; cambie USE ${name} en los archivos SQL`,
      databaseRenamed: (from, to) =>
        `su base de datos se llama ${to}, pues un nombre lleva letras, dígitos y «_»: escriba ${to} donde el código o un archivo SQL diga ${from}`,
      empty: (names) => `${names} no tenían valor; revíselas`,
      workdir: (folder) => `escriba WORKDIR ${folder} en el Dockerfile: no hay clave para working_dir`,
      ownSecret: (application, bring) =>
        `aporte los secretos que el archivo no contiene, cuando el primer up haya creado el namespace: kubectl -n cloudnova-${application} create secret generic ${application}-own ${bring}`,
      secondAddress: (path) =>
        `dos aplicaciones tienen la misma dirección: esta responde en ${path}, que se quita antes de que vea la petición; dele un host o una ruta propia en ingress`,
      protocol: (name) =>
        `el proxy le hablaba ${name}: Traefik necesita HTTP en un puerto, como el de gunicorn, o uwsgi con http = 0.0.0.0:PUERTO en lugar de socket`,
      otherService: (key, service) =>
        `${key} indica el servicio ${service}, que no tiene ese nombre en el clúster: escriba una dirección que sirva allí; las aplicaciones se alcanzan por sus nombres públicos`,
      staticFiles: (paths) =>
        `el proxy servía por sí mismo los archivos de ${paths}; haga que los sirva la aplicación (Flask sirve /static; WhiteNoise, otros)`,
      proxyPassword: "el proxy pedía una contraseña: haga que la pida la aplicación",
      nativeInSource: (places) => `${places}: indica mysql_native_password, que MySQL 9 no tiene; quite auth_plugin`,
      tlsOff: (place) => `${place}: desactiva TLS; quítelo, y escriba requireTls: true`,
      oldConnector: (file) => `${file}: esta versión no conoce caching_sha2_password; escriba mysql-connector-python>=8.0.11`,
      connector: (file) =>
        `${file}: mysql-connector está anticuado y no conoce caching_sha2_password; escriba mysql-connector-python>=8.0.11 en su lugar`,
      cryptography: (file, driver) =>
        `${driver} necesita un paquete para iniciar sesión sin TLS: agregue la línea «cryptography» a ${file}; desde PyMySQL 1.2 usa TLS por sí mismo`,
      oldPackage: (named, lines, file) =>
        `${named} no arranca con los paquetes más nuevos, que pip instala a su lado: agregue a ${file}: ${lines}`,
      missing: (files) =>
        `${files}: no existe, así que la base de datos queda vacía; corrija el montaje e importe de nuevo, o indique el archivo en database.initialise`,
      scripts: (files) => `${files}: solo pueden ejecutarse archivos .sql en la base de datos vacía; escríbalo como SQL, o descomprímalo`,
      mariadb: "MariaDB pasa a ser MySQL: revise tipos y funciones que solo tiene MariaDB (SEQUENCE, RETURNING, INET6, UUID)",
      oldMysql: (version) =>
        `MySQL ${version} pasa a ser 9: revise palabras reservadas (RANK, GROUPS, SYSTEM), GROUP BY, y utf8, que ahora es utf8mb4`,
      data: "sus filas no se copian: después del primer up, ejecute «npx cloudnova import data APLICACIÓN --compose ARCHIVO» con el proyecto en marcha",
      unusedDatabase: "ninguna aplicación la usa; escriba database: {} en la que la usa",
      outsideDatabase:
        "la base de datos estaba fuera del proyecto: la aplicación recibe una vacía en el MySQL de CloudNova; escriba database: false y sus propias variables para conservar la otra",
      unset: (names) => `${names} no tienen valor y cuentan como vacías; defínalas en .env e importe de nuevo`,
      alerts: (file, alerts, path) =>
        `${file}: las alertas ${alerts} no se conservan, porque CloudNova tiene las suyas; para las de usted escriba monitoring: { rules: [${path}] }, que synth revisa`,
      job: (job, targets, port, path) =>
        `el job de recolección ${job} consulta ${targets}, que no es ningún servicio del proyecto; si una aplicación tiene estas métricas, escriba metrics: { port: ${port}, path: ${path} } en su entrada`,
      receivers: (names) => `las notificaciones (${names}) no se conservan, porque contienen secretos: vea docs/alerting.es.md`,
    },
  },
});
