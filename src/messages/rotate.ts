import { messages } from "../language.ts";
import { printed } from "../printed.ts";

/** What `cloudnova rotate` prints. */
export const rotate = messages({
  en: {
    noServer: "the manifests have no MySQL server",
    noAccount: (name: string) => `'${name}' is no account that this command changes`,
    plain: (name: string) =>
      `${name} may connect without TLS, and MySQL then accepts one password in one step and not two: set database.requireTls of the application, or change it as docs/secrets.md says`,
    accountsAre: (names: string) => `those that can be changed so: ${names}`,
    noSecret: (secret: string, key: string) => `Secret ${secret} has no key ${key}`,
    applyFirst: () => `apply the environment first: ${printed("up")}`,
    yours: (secret: string) => `Secret ${secret} is your own, and CloudNova changes none of those`,
    yoursAdvice: (names: string) =>
      `change it and restart who reads it, as docs/secrets.md says${names ? `; or name the other accounts: ${names}` : ""}`,
    serverFailed: (account: string, said: string) => `MySQL did not change the password of ${account}: ${said}`,
    again: () => `nobody is locked out: the passwords before are still valid; the same command finishes it`,
    changes: (accounts: string, context: string) => `New passwords in context '${context}' for: ${accounts}`,
    restarts: (names: string) => `These restart pod by pod: ${names}`,
    nothing: "nothing was changed",
    go: "Change them?",
    addYes: "add --yes",
    both: (account: string) => `${account}: the new password and the one before are both valid`,
    resumed: (account: string) => `${account}: an earlier run has set the new password; going on from there`,
    restarting: (name: string) => `${name}: restarting`,
    ready: (name: string) => `${name}: its pods have the new password`,
    notReady: (name: string, why: string) => `${name} did not become ready: ${why}`,
    done: (account: string) => `${account}: changed; the password before is refused`,
  },
  es: {
    noServer: "los manifiestos no tienen ningún servidor MySQL",
    noAccount: (name: string) => `«${name}» no es una cuenta que este comando cambie`,
    plain: (name: string) =>
      `${name} puede conectarse sin TLS, y MySQL acepta entonces una contraseña en un solo paso y no dos: active database.requireTls de la aplicación, o cámbiela como dice docs/secrets.es.md`,
    accountsAre: (names: string) => `las que se pueden cambiar así: ${names}`,
    noSecret: (secret: string, key: string) => `el Secret ${secret} no tiene la clave ${key}`,
    applyFirst: () => `aplique primero el entorno: ${printed("up")}`,
    yours: (secret: string) => `el Secret ${secret} es suyo, y CloudNova no cambia ninguno de esos`,
    yoursAdvice: (names: string) =>
      `cámbielo y reinicie lo que lo lee, como dice docs/secrets.es.md${names ? `; o nombre las otras cuentas: ${names}` : ""}`,
    serverFailed: (account: string, said: string) => `MySQL no cambió la contraseña de ${account}: ${said}`,
    again: () => `nadie queda sin acceso: las contraseñas anteriores siguen siendo válidas; el mismo comando lo termina`,
    changes: (accounts: string, context: string) => `Contraseñas nuevas en el contexto «${context}» para: ${accounts}`,
    restarts: (names: string) => `Estos se reinician pod por pod: ${names}`,
    nothing: "no se cambió nada",
    go: "¿Cambiarlas?",
    addYes: "agregue --yes",
    both: (account: string) => `${account}: la contraseña nueva y la anterior son válidas`,
    resumed: (account: string) => `${account}: una ejecución anterior puso la contraseña nueva; se continúa desde ahí`,
    restarting: (name: string) => `${name}: se reinicia`,
    ready: (name: string) => `${name}: sus pods tienen la contraseña nueva`,
    notReady: (name: string, why: string) => `${name} no llegó a estar listo: ${why}`,
    done: (account: string) => `${account}: cambiada; la contraseña anterior se rechaza`,
  },
});
