import { z } from "zod";
import { resourcesOverride } from "./resources.ts";
import { autoscaling, sample } from "./sample.ts";
import {
  absolutePath,
  applicationName,
  cidr,
  dnsName,
  filePath,
  image,
  ingressPath,
  label,
  must,
  port,
  quantity,
  requestPath,
  secretKey,
  subdomain,
  variable,
} from "./units.ts";

/** The name of the sample application in `applications`; no other may have it. */
export const SAMPLE = "webapp";

/** What variables and commands may name of the application's database, as in `{database.host}`. */
export const DATABASE_FACTS = ["host", "port", "name", "user", "password", "url"] as const;
export type DatabaseFact = (typeof DATABASE_FACTS)[number];

/** The variable that holds the database's password, for the others that name it: Kubernetes puts `$(NAME)` of an earlier one into a later. */
export const PASSWORD_VARIABLE = "CLOUDNOVA_DATABASE_PASSWORD";

/** A value of a variable: YAML's numbers and truth values are taken as written, as compose takes them. */
const value = z.union([z.string().max(8192), z.number(), z.boolean()], must("value")).transform(String);

const command = z.array(z.string().max(4096)).min(1).max(64);

const build = z.strictObject({
  context: filePath.meta({
    en: "Folder of the build, from the environment file",
    es: "Carpeta de la construcción, desde el archivo de entorno",
  }),
  dockerfile: filePath.default("Dockerfile").meta({ en: "Dockerfile, from the context", es: "Dockerfile, desde el contexto" }),
  target: z
    .string()
    .max(128)
    .optional()
    .meta({ en: "Stage of the Dockerfile. Default: the last", es: "Etapa del Dockerfile. Por defecto: la última" }),
  args: z.record(variable, value).default({}).meta({ en: "Build arguments", es: "Argumentos de la construcción" }),
});

const secret = z
  .strictObject({
    generate: z.boolean().default(false).meta({
      en: "Whether CloudNova makes a random value in the cluster, once",
      es: "Si CloudNova crea un valor aleatorio en el clúster, una vez",
    }),
    from: subdomain.optional().meta({
      en: "A Secret in the application's namespace: your own, or NAME-database with its key password",
      es: "Un Secret en el namespace de la aplicación: uno suyo, o NOMBRE-database con su clave password",
    }),
    key: secretKey.optional().meta({ en: "Key in that Secret. Default: the name", es: "Clave en ese Secret. Por defecto: el nombre" }),
    file: absolutePath.optional().meta({
      en: "Path of a file that holds it. Default: an environment variable of the entry's name",
      es: "Ruta de un archivo que lo contiene. Por defecto: una variable de entorno con el nombre de la entrada",
    }),
  })
  .refine(({ generate, from }) => generate !== (from !== undefined), must("secretSource"))
  .refine(({ from, key }) => from !== undefined || key === undefined, must("keyOfSecret"));

const health = z
  .strictObject({
    path: requestPath.optional().meta({
      en: "Path that answers below 400 when the application is ready",
      es: "Ruta que responde por debajo de 400 cuando la aplicación está lista",
    }),
    command: command.optional().meta({
      en: "Command in the container that ends with 0 when it is ready",
      es: "Comando en el contenedor que termina con 0 cuando está lista",
    }),
    startSeconds: z.int().min(1).max(3600).default(120).meta({
      en: "Seconds that it may take until its first answer; then it is restarted",
      es: "Segundos que puede tardar hasta su primera respuesta; después se reinicia",
    }),
  })
  .refine(({ path, command: run }) => path === undefined || run === undefined, must("oneHealth"))
  .prefault({});

const metrics = z.strictObject({
  port: port.optional().meta({ en: "Port of the metrics. Default: port", es: "Puerto de las métricas. Por defecto: port" }),
  path: requestPath.default("/metrics").meta({ en: "Path of the metrics", es: "Ruta de las métricas" }),
});

const database = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9_]{1,64}$/, must("databaseName"))
      .optional()
      .meta({
        en: "Name of its database. Default: the application's, with _ for -",
        es: "Nombre de su base de datos. Por defecto: el de la aplicación, con _ en lugar de -",
      }),
    user: z
      .string()
      .regex(/^[A-Za-z0-9_]{1,32}$/, must("databaseUser"))
      .optional()
      .meta({ en: "Name of its account. Default: as the database", es: "Nombre de su cuenta. Por defecto: como la base de datos" }),
    requireTls: z.boolean().default(false).meta({
      en: "Refuse its connections without TLS",
      es: "Rechazar sus conexiones sin TLS",
    }),
    initialise: z.array(filePath).max(50).default([]).meta({
      en: "SQL files, or folders of them, that run once in the empty database, in this order",
      es: "Archivos SQL, o carpetas con ellos, que se ejecutan una vez en la base de datos vacía, en este orden",
    }),
  })
  .prefault({});

const ingress = z
  .strictObject({
    host: dnsName.optional().meta({
      en: "DNS name at which it answers. Default: every name that no other application has",
      es: "Nombre DNS en el que responde. Por defecto: todo nombre que no sea de otra aplicación",
    }),
    path: ingressPath.default("/").meta({ en: "Path under which it answers", es: "Ruta bajo la cual responde" }),
    stripPath: z.boolean().default(false).meta({
      en: "Take the path away before the request reaches the application, which finds it in X-Forwarded-Prefix",
      es: "Quitar la ruta antes de que la petición llegue a la aplicación, que la encuentra en X-Forwarded-Prefix",
    }),
    maxUpload: quantity.optional().meta({
      en: "Largest request body. Default: no limit but the application's",
      es: "Cuerpo de petición más grande. Por defecto: sin límite, salvo el de la aplicación",
    }),
    timeoutSeconds: z.int().min(1).max(3600).default(60).meta({
      en: "Seconds that an answer may take until it begins",
      es: "Segundos que puede tardar una respuesta en empezar",
    }),
    sticky: z.boolean().default(false).meta({
      en: "Send a visitor always to the same replica, for sessions in memory",
      es: "Enviar a cada visitante siempre a la misma réplica, para sesiones en memoria",
    }),
  })
  .prefault({});

const volume = z.strictObject({
  path: absolutePath.meta({ en: "Where the application finds it", es: "Dónde la encuentra la aplicación" }),
  size: quantity.default("1Gi").meta({ en: "Size of the volume", es: "Tamaño del volumen" }),
});

/** An application of the user's: any container that speaks HTTP. Only `image` or `build` has to be said. */
export const application = z
  .strictObject({
    sample: sample.optional().meta({
      en: "Makes this the sample application (its entry's name must be webapp); then no other key is allowed",
      es: "Hace de esta la aplicación de ejemplo (su entrada debe llamarse webapp); entonces no se admite ninguna otra clave",
    }),
    image: image.optional().meta({
      en: "Image, with its version; with build, the name of what is built",
      es: "Imagen, con su versión; con build, el nombre de lo construido",
    }),
    build: build.optional().meta({ en: "How `up` builds the image", es: "Cómo construye up la imagen" }),
    port: port.default(5000).meta({ en: "Port on which it listens", es: "Puerto en el que escucha" }),
    command: command.optional().meta({ en: "Replaces the image's entry point", es: "Reemplaza el punto de entrada de la imagen" }),
    args: command.optional().meta({ en: "Replaces the image's command", es: "Reemplaza el comando de la imagen" }),
    replicas: z.int().min(1).max(20).default(1).meta({ en: "Instances", es: "Instancias" }),
    autoscaling,
    resources: resourcesOverride.prefault({}).meta({
      en: "Requests and limits other than 96Mi, 256Mi, 50m, 1000m",
      es: "Solicitudes y límites distintos de 96Mi, 256Mi, 50m, 1000m",
    }),
    graceSeconds: z.int().min(1).max(3600).default(30).meta({ en: "Seconds from SIGTERM to SIGKILL", es: "Segundos de SIGTERM a SIGKILL" }),
    user: z.int().min(0).max(2_000_000_000).default(10_001).meta({
      en: "Numeric user and group id; 0 needs podSecurity baseline",
      es: "Id numérico de usuario y grupo; 0 necesita podSecurity baseline",
    }),
    podSecurity: z.enum(["restricted", "baseline"]).default("restricted").meta({
      en: "Pod Security level of its namespace; baseline only for an image that must run as root",
      es: "Nivel de Pod Security de su namespace; baseline solo para una imagen que deba ejecutarse como root",
    }),
    writable: z
      .union([z.boolean(), z.array(absolutePath).max(20)], must("writable"))
      .default(["/tmp"])
      .meta({
        en: "Folders that it may write to, empty at each start; true: its whole root file system",
        es: "Carpetas en las que puede escribir, vacías en cada arranque; true: todo su sistema de archivos",
      }),
    env: z.record(variable, value).default({}).meta({
      en: "Variables. Here, in command, args and before, {database.host}, .port, .name, .user, .password and .url stand for its database; {{database.host}} is the text {database.host}",
      es: "Variables. Aquí, en command, args y before, {database.host}, .port, .name, .user, .password y .url representan su base de datos; {{database.host}} es el texto {database.host}",
    }),
    secrets: z.record(variable, secret).default({}).meta({
      en: "Secrets by name, as variables or files",
      es: "Secretos por nombre, como variables o archivos",
    }),
    health: health.meta({
      en: "How it is asked whether it is ready. Default: whether its port accepts a connection",
      es: "Cómo se le pregunta si está lista. Por defecto: si su puerto acepta una conexión",
    }),
    metrics: metrics
      .optional()
      .meta({ en: "Its own metrics for Prometheus. Default: none", es: "Sus propias métricas para Prometheus. Por defecto: ninguna" }),
    before: command.optional().meta({
      en: "Command of its image that runs before a new version serves, such as a migration",
      es: "Comando de su imagen que se ejecuta antes de que sirva una versión nueva, como una migración",
    }),
    database: z
      .union([z.literal(false), database], must("database"))
      .prefault({})
      .meta({
        en: "Its database and account on the MySQL server; false: none",
        es: "Su base de datos y su cuenta en el servidor MySQL; false: ninguna",
      }),
    ingress: ingress.meta({ en: "Where it answers, through Traefik with TLS", es: "Dónde responde, a través de Traefik con TLS" }),
    volumes: z.record(label.max(30), volume).default({}).meta({
      en: "Volumes that persist, by name; on one node all replicas share them",
      es: "Volúmenes que persisten, por nombre; en un nodo los comparten todas las réplicas",
    }),
    outgoing: z
      .union([z.enum(["public", "none"]), z.array(cidr).min(1).max(50)], must("outgoing"))
      .default("public")
      .meta({
        en: "What it may connect to outside of the cluster: every public address, none, or these ranges",
        es: "A qué puede conectarse fuera del clúster: toda dirección pública, ninguna, o estos rangos",
      }),
  })
  .meta({ en: "One application", es: "Una aplicación" });

/** The applications of an environment by name. */
export const applications = z.record(applicationName, application);
