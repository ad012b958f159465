import type { z } from "zod";
import type { authorityObject } from "./config/database.ts";
import type { Config } from "./config/resolve.ts";
import { PORTS } from "./ports.ts";
import { secretNames } from "./secrets.ts";

/** Where the authority of MySQL's certificate is, in each namespace that connects. */
export type Authority = { readonly secret: string; readonly key: string } | { readonly configMap: string; readonly key: string };

/** How clients reach MySQL. */
export interface DatabaseAccess {
  /** Its name in the whole cluster, which its certificate has. */
  readonly host: string;
  readonly port: number;
  readonly authority: Authority;
  /** Whether applications' namespaces have the authority, too. Our own server's is in the environment's namespace alone. */
  readonly everywhere: boolean;
}

/** The ConfigMap with an external server's authority, where the environment names a file. */
export const AUTHORITY_CONFIG_MAP = "mysql-authority";

const AUTHORITY_KEY = "ca.crt";

/** How clients of an environment reach MySQL. */
export function databaseAccess(config: Pick<Config, "database" | "namespace" | "secrets" | "ingress">): DatabaseAccess {
  const { external } = config.database;
  if (!external) {
    const authority = { secret: secretNames(config).databaseTls, key: AUTHORITY_KEY };
    return { host: `mysql.${config.namespace}.svc`, port: PORTS.mysql, authority, everywhere: false };
  }
  const { host, port, ca } = external;
  if (typeof ca === "string") return { host, port, authority: { configMap: AUTHORITY_CONFIG_MAP, key: AUTHORITY_KEY }, everywhere: true };
  return { host, port, authority: authorityOf(ca), everywhere: true };
}

/** An authority as an environment names it: by one of the two. */
export const authorityOf = ({ configMap, secret = "", key }: z.output<typeof authorityObject>): Authority =>
  configMap === undefined ? { secret, key } : { configMap, key };
