import { messages } from "../language.ts";

/** Why an application of the user's does not become ready, and which key of its entry in the environment file to write. */
export const application = messages({
  en: {
    // its port
    loopback: (name: string, address: string) => `${name} listens only on ${address}, which nothing outside of its pod can reach`,
    listenOnAll: (entry: string, port: string) =>
      `make it listen on 0.0.0.0 (flask run --host 0.0.0.0, gunicorn --bind 0.0.0.0:${port}): in its Dockerfile, or with ${entry}.args`,
    otherPort: (name: string, found: string, wanted: string) =>
      `${name} listens on port ${found}, but its entry says port ${wanted}, where nothing listens`,
    writePort: (entry: string, found: string) => `write ${entry}.port: ${found}`,
    nobodyListens: (name: string, port: string) => `nothing listens on port ${port} of ${name}`,
    portOrTime: (entry: string, logs: string) =>
      `if it listens on another port, write ${entry}.port; if it needs longer to start, write ${entry}.health.startSeconds (default 120). Its logs: ${logs}`,
    statusCode: (name: string, code: string) => `${name} answers its health check with status ${code}`,
    writePath: (entry: string) =>
      `write in ${entry}.health.path a path that answers below 400, or leave health.path out: then an open port is enough`,
    tooSlow: (name: string) => `${name} did not answer its health check in time`,
    writeSeconds: (entry: string) =>
      `if it needs longer to start, write ${entry}.health.startSeconds (default 120); if it is short of CPU, raise ${entry}.resources`,
    speaksTls: (name: string) => `${name} uses TLS itself on its port`,
    speakHttp: "make it use plain HTTP (without ssl_context, --cert or --certfile): the Ingress provides TLS in front of it",
    restarted: (times: string) => `; Kubernetes restarted it ${times} for this`,
    // its end
    ended: (name: string, times: string) => `${name} ended by itself without an error (exit code 0, ${times})`,
    keepRunning: (entry: string) =>
      `its command must start the server and keep running in the foreground: correct its Dockerfile's CMD, or write ${entry}.args`,
    noProgram: (name: string, program: string) => `the image of ${name} has no program '${program}'`,
    writeCommand: (entry: string) => `correct ${entry}.command or ${entry}.args, or install the program in its Dockerfile`,
    otherProcessor: (name: string) => `the image of ${name} is for another processor than the node's (exec format error)`,
    buildForNode:
      "build it for the node's processor: docker build --platform linux/amd64 (or linux/arm64 for a Graviton machine), or use an image for several platforms",
    // what it may do
    readOnly: (name: string, path: string) => `${name} wrote to ${path || "its image"}, which is read-only`,
    writeWritable: (entry: string, folder: string) =>
      `write ${entry}.writable: [/tmp, ${folder || "FOLDER"}] (that folder is then empty at each start), or ${entry}.writable: true if the image has files of its own there; for files that must persist, write ${entry}.volumes`,
    mayNot: (name: string, path: string) => `${name} may not access ${path}: another user of the image owns it`,
    writeUser: (entry: string, folder: string) =>
      `write ${entry}.user with the numeric id of its owner, or ${entry}.writable: [/tmp, ${folder}]`,
    lowPort: (name: string) => `${name} may not listen on a port below 1024, because it does not run as root`,
    higherPort: (entry: string) => `make it listen on a port from 1024 up (gunicorn --bind 0.0.0.0:8000), and write ${entry}.port: 8000`,
    runsAsRoot: (name: string) => `the image of ${name} runs as root, which the Pod Security level of its namespace forbids`,
    otherUser: (entry: string) =>
      `write ${entry}.user: 10001 (or another id that is not 0); only if it must be root: ${entry}.user: 0 and ${entry}.podSecurity: baseline`,
    podSecurity: (entry: string) => `if it must run as root, write ${entry}.podSecurity: baseline; otherwise apply again`,
    raiseMemory: (entry: string) => `write ${entry}.resources: {memoryLimit: 512Mi}, or more`,
    noSecretFile: (name: string, file: string) => `${name} reads the file ${file}, which its image does not have`,
    writeSecretFile: (entry: string, name: string, file: string) =>
      `for the database's password, write ${entry}.secrets: {DB_PASSWORD_FILE: {from: ${name}-database, key: password, file: ${file}}}; for another secret: {generate: true, file: ${file}}`,
    createSecret: (namespace: string, secret: string, keys: string) =>
      `create it; the container waits for it: kubectl -n ${namespace} create secret generic ${secret} ${keys}`,
    // its image
    notBuilt: (entry: string, up: string) => `'${up}' builds and loads it; correct ${entry}.build or ${entry}.image`,
    writeImage: (entry: string) => `check ${entry}.image, the network, and whether the registry requires a login`,
    // its database
    waitsForDatabase: (name: string, line: string) => `${name} has not started yet: ${line}`,
    seeItsJob: (status: string) => `see MySQL and the Job of its SQL files in '${status}'`,
    noCryptography: (name: string) => `${name} cannot log in to MySQL: PyMySQL needs the package cryptography without TLS`,
    addCryptography: "add this line to its requirements.txt and build again: PyMySQL[rsa]",
    denied: (name: string, user: string) => `MySQL rejects the account '${user}' of ${name}`,
    useAccount: (entry: string) =>
      `use the account that it has: ${entry}.env: {MYSQL_USER: "{database.user}", MYSQL_PASSWORD: "{database.password}"}, under the names that it reads; for an account name of its own, write ${entry}.database.user. No application gets root`,
    noDatabase: (name: string, database: string) => `${name} uses the database '${database}', which does not exist`,
    writeDatabase: (entry: string, database: string) => `write ${entry}.database.name: ${database}`,
    noHost: (name: string) => `${name} does not reach MySQL at the address that it uses`,
    writeHost: (entry: string) => `write ${entry}.env: {MYSQL_HOST: "{database.host}"}, under the name that it reads`,
    noPlugin: (name: string) => `the MySQL client of ${name} uses a login method that this MySQL does not have`,
    renewClient:
      "MySQL 9 has only caching_sha2_password: update the client library, or name a MySQL of the 8.4 series under images: in the environment",
    noTable: (name: string, table: string) => `${name} uses the table '${table}', which does not exist`,
    makeTable: (entry: string) =>
      `write ${entry}.database.initialise with its .sql files, or ${entry}.before with the command that creates its tables, such as [flask, db, upgrade]`,
    noModule: (name: string, module: string) => `the image of ${name} lacks the Python module '${module}'`,
    addModule: "add its package to requirements.txt and build again",
    timedOut: (name: string) => `a connection of ${name} timed out`,
    writeOutgoing: (entry: string) =>
      `a NetworkPolicy lets it connect to its database and to public addresses only: for a private address, write its range in ${entry}.outgoing`,
  },
  es: {
    loopback: (name, address) => `${name} escucha solo en ${address}, a donde no llega nada desde fuera de su pod`,
    listenOnAll: (entry, port) =>
      `haga que escuche en 0.0.0.0 (flask run --host 0.0.0.0, gunicorn --bind 0.0.0.0:${port}): en su Dockerfile, o con ${entry}.args`,
    otherPort: (name, found, wanted) => `${name} escucha en el puerto ${found}, pero su entrada indica el ${wanted}, donde no escucha nada`,
    writePort: (entry, found) => `escriba ${entry}.port: ${found}`,
    nobodyListens: (name, port) => `nada escucha en el puerto ${port} de ${name}`,
    portOrTime: (entry, logs) =>
      `si escucha en otro puerto, escriba ${entry}.port; si tarda más en iniciar, escriba ${entry}.health.startSeconds (por defecto 120). Sus logs: ${logs}`,
    statusCode: (name, code) => `${name} responde a su comprobación de salud con el código ${code}`,
    writePath: (entry) =>
      `escriba en ${entry}.health.path una ruta que responda por debajo de 400, u omita health.path: entonces basta un puerto abierto`,
    tooSlow: (name) => `${name} no respondió a tiempo a su comprobación de salud`,
    writeSeconds: (entry) =>
      `si tarda más en iniciar, escriba ${entry}.health.startSeconds (por defecto 120); si le falta CPU, aumente ${entry}.resources`,
    speaksTls: (name) => `${name} usa TLS por sí misma en su puerto`,
    speakHttp: "haga que use HTTP simple (sin ssl_context, --cert ni --certfile): el Ingress proporciona TLS delante de ella",
    restarted: (times) => `; Kubernetes la reinició ${times} por esto`,
    ended: (name, times) => `${name} terminó por sí misma sin error (código de salida 0, ${times})`,
    keepRunning: (entry) =>
      `su comando debe iniciar el servidor y seguir en primer plano: corrija CMD en su Dockerfile, o escriba ${entry}.args`,
    noProgram: (name, program) => `la imagen de ${name} no tiene el programa «${program}»`,
    writeCommand: (entry) => `corrija ${entry}.command o ${entry}.args, o instale el programa en su Dockerfile`,
    otherProcessor: (name) => `la imagen de ${name} es para otro procesador que el del nodo (exec format error)`,
    buildForNode:
      "constrúyala para el procesador del nodo: docker build --platform linux/amd64 (o linux/arm64 para una máquina Graviton), o use una imagen para varias plataformas",
    readOnly: (name, path) => `${name} escribió en ${path || "su imagen"}, que es de solo lectura`,
    writeWritable: (entry, folder) =>
      `escriba ${entry}.writable: [/tmp, ${folder || "CARPETA"}] (esa carpeta queda vacía en cada inicio), o ${entry}.writable: true si la imagen tiene archivos propios ahí; para archivos que deben persistir, escriba ${entry}.volumes`,
    mayNot: (name, path) => `${name} no tiene acceso a ${path}: pertenece a otro usuario de la imagen`,
    writeUser: (entry, folder) => `escriba ${entry}.user con el id numérico de su propietario, o ${entry}.writable: [/tmp, ${folder}]`,
    lowPort: (name) => `${name} no puede escuchar en un puerto menor que 1024, porque no se ejecuta como root`,
    higherPort: (entry) => `haga que escuche en un puerto desde 1024 (gunicorn --bind 0.0.0.0:8000), y escriba ${entry}.port: 8000`,
    runsAsRoot: (name) => `la imagen de ${name} se ejecuta como root, y el nivel de Pod Security de su namespace lo prohíbe`,
    otherUser: (entry) =>
      `escriba ${entry}.user: 10001 (u otro id distinto de 0); solo si debe ser root: ${entry}.user: 0 y ${entry}.podSecurity: baseline`,
    podSecurity: (entry) => `si debe ejecutarse como root, escriba ${entry}.podSecurity: baseline; si no, aplique de nuevo`,
    raiseMemory: (entry) => `escriba ${entry}.resources: {memoryLimit: 512Mi}, o más`,
    noSecretFile: (name, file) => `${name} lee el archivo ${file}, que su imagen no tiene`,
    writeSecretFile: (entry, name, file) =>
      `para la contraseña de la base de datos, escriba ${entry}.secrets: {DB_PASSWORD_FILE: {from: ${name}-database, key: password, file: ${file}}}; para otro secreto: {generate: true, file: ${file}}`,
    createSecret: (namespace, secret, keys) =>
      `créelo; el contenedor lo espera: kubectl -n ${namespace} create secret generic ${secret} ${keys}`,
    notBuilt: (entry, up) => `«${up}» la construye y la carga; corrija ${entry}.build o ${entry}.image`,
    writeImage: (entry) => `revise ${entry}.image, la red y si el registro exige iniciar sesión`,
    waitsForDatabase: (name, line) => `${name} todavía no inicia: ${line}`,
    seeItsJob: (status) => `vea MySQL y el Job de sus archivos SQL en «${status}»`,
    noCryptography: (name) => `${name} no puede iniciar sesión en MySQL: PyMySQL necesita el paquete cryptography sin TLS`,
    addCryptography: "agregue esta línea a su requirements.txt y construya de nuevo: PyMySQL[rsa]",
    denied: (name, user) => `MySQL rechaza la cuenta «${user}» de ${name}`,
    useAccount: (entry) =>
      `use la cuenta que tiene: ${entry}.env: {MYSQL_USER: "{database.user}", MYSQL_PASSWORD: "{database.password}"}, con los nombres que lee; para un nombre de cuenta propio, escriba ${entry}.database.user. Ninguna aplicación recibe root`,
    noDatabase: (name, database) => `${name} usa la base de datos «${database}», que no existe`,
    writeDatabase: (entry, database) => `escriba ${entry}.database.name: ${database}`,
    noHost: (name) => `${name} no llega a MySQL en la dirección que usa`,
    writeHost: (entry) => `escriba ${entry}.env: {MYSQL_HOST: "{database.host}"}, con el nombre que lee`,
    noPlugin: (name) => `el cliente de MySQL de ${name} usa un método de inicio de sesión que este MySQL no tiene`,
    renewClient:
      "MySQL 9 tiene solo caching_sha2_password: actualice la biblioteca del cliente, o indique un MySQL de la serie 8.4 en images: del entorno",
    noTable: (name, table) => `${name} usa la tabla «${table}», que no existe`,
    makeTable: (entry) =>
      `escriba ${entry}.database.initialise con sus archivos .sql, o ${entry}.before con el comando que crea sus tablas, como [flask, db, upgrade]`,
    noModule: (name, module) => `a la imagen de ${name} le falta el módulo de Python «${module}»`,
    addModule: "agregue su paquete a requirements.txt y construya de nuevo",
    timedOut: (name) => `una conexión de ${name} superó el tiempo de espera`,
    writeOutgoing: (entry) =>
      `una NetworkPolicy le permite conectarse solo a su base de datos y a direcciones públicas: para una dirección privada, escriba su rango en ${entry}.outgoing`,
  },
});
