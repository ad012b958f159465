import { z } from "zod";
import { cidr, filePath, must, port, publicHost, quantity, secretKey, subdomain } from "./units.ts";

/** An object that holds certificates of an authority. */
export const authorityObject = z
  .strictObject({
    configMap: subdomain.optional().meta({ en: "A ConfigMap that holds it", es: "Un ConfigMap que lo contiene" }),
    secret: subdomain.optional().meta({ en: "A Secret that holds it", es: "Un Secret que lo contiene" }),
    key: secretKey.default("ca.crt").meta({ en: "Key in that object", es: "Clave en ese objeto" }),
  })
  .refine(({ configMap, secret }) => (configMap === undefined) !== (secret === undefined), must("oneAuthority"));

const external = z.strictObject({
  host: publicHost.meta({
    en: "Its name, which its certificate must have, or its IPv4 address",
    es: "Su nombre, que debe estar en su certificado, o su dirección IPv4",
  }),
  port: port.default(3306).meta({ en: "Its port", es: "Su puerto" }),
  addresses: z.array(cidr).min(1).max(20).optional().meta({
    en: "Ranges in which its address is, for the NetworkPolicies, which know no names. Default: host, where that is an address",
    es: "Rangos en los que está su dirección, para las NetworkPolicies, que no conocen nombres. Por defecto: host, si es una dirección",
  }),
  ca: z.union([filePath, authorityObject], must("authority")).meta({
    en: "Authority of its certificate (PEM): a file, from this file's folder, or an object that is there in each namespace that connects",
    es: "Autoridad de su certificado (PEM): un archivo, desde la carpeta de este archivo, o un objeto que ya está en cada namespace que se conecta",
  }),
  credentialsSecret: subdomain.meta({
    en: "Secret with username and password of an administrator's account, with which a Job makes databases and accounts; never made here",
    es: "Secret con username y password de una cuenta de administración, con la que un Job crea bases de datos y cuentas; nunca se crea aquí",
  }),
});

/** `database`: the MySQL server, ours or another. */
export const database = z
  .strictObject({
    external: external.optional().meta({
      en: "A MySQL server outside of the cluster in place of our own, with TLS. Its size is its own: volume here is that of its storage. Default: none",
      es: "Un servidor MySQL fuera del clúster en lugar del nuestro, con TLS. Su tamaño es asunto suyo: aquí volume es el de su almacenamiento. Por defecto: ninguno",
    }),
    volume: quantity.default("4Gi").meta({
      en: "Size of the data volume; decide it at the first apply, most local storage cannot grow later",
      es: "Tamaño del volumen de datos; decídalo en el primer apply, casi ningún almacenamiento local puede crecer después",
    }),
    bufferPool: quantity.default("48Mi").meta({
      en: "InnoDB's buffer pool; MySQL's default memory follows it",
      es: "Buffer pool de InnoDB; la memoria por defecto de MySQL lo sigue",
    }),
    maxConnections: z.int().min(10).max(1000).default(40).meta({
      en: "Connections that MySQL accepts. Checked against the pools of the sample and of applications whose variables name them (SQLALCHEMY_POOL_SIZE, DB_POOL_SIZE, …); for others synth assumes 5 for each process, and warns",
      es: "Conexiones que MySQL acepta. Se comprueban con los pools de la aplicación de ejemplo y de las aplicaciones cuyas variables los indican (SQLALCHEMY_POOL_SIZE, DB_POOL_SIZE, …); para las demás, synth supone 5 por proceso, y advierte",
    }),
  })
  .prefault({})
  .meta({ en: "MySQL", es: "MySQL" });
