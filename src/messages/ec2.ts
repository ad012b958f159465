import { messages } from "../language.ts";
import { printed } from "../printed.ts";

/** A snapshot or volume in a list. */
const money = (usd: number) => `$${usd.toFixed(2)}`;

/** The machine on EC2: its stack, who may reach it, what it costs. */
export const ec2 = messages({
  en: {
    // the environment
    noEc2: (file: string) => `${file} describes no machine on EC2`,
    noEc2Advice: "add the key ec2: {} and machine.instance to it (docs/guides/ec2.md)",
    noEnvironment: "name the environment: none has the key ec2",
    severalEnvironments: (names: string) => `several environments have the key ec2: ${names}`,
    nameOne: "name one of them",
    // AWS' answers
    noCredentials: "no AWS credentials were found",
    noCredentialsAdvice:
      "run 'aws configure', or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (in a laboratory: copy 'AWS Details' to ~/.aws/credentials)",
    expired: "the AWS credentials have expired",
    expiredAdvice:
      "get new ones ('aws sso login'; in a laboratory: start it again and copy 'AWS Details' to ~/.aws/credentials), then run the same command: it goes on",
    wrongKeys: (region: string) => `AWS does not accept these credentials in ${region}`,
    wrongKeysAdvice:
      "check the access key, the region (ec2.region; a new region must be enabled in the account), and that this computer's clock is right",
    notActivated: (region: string) => `the AWS account is not activated for this service in ${region}`,
    notActivatedAdvice: "finish the account's registration (payment method, phone), or wait: it takes up to a day",
    denied: (right: string) => `your AWS user lacks a right: ${right}`,
    deniedAdvice: "ask the account's administrator for it; in a student laboratory set ec2.laboratory: true",
    throttled: "AWS refuses further requests for now (throttling), also after several attempts",
    throttledAdvice: "run the same command again in a minute: it goes on",
    unreachable: (region: string) => `AWS does not answer for the region ${region}`,
    unreachableAdvice: "check the internet connection, and that ec2.region is the name of a region",
    awsSays: (code: string, message: string) => `AWS: ${code}: ${message}`,
    regionAdvice: "check ec2.region",
    // the account
    noSubnet: (subnet: string, region: string) => `there is no subnet ${subnet} in ${region}`,
    noDefaultVpc: (region: string) => `the account has no default VPC in ${region}`,
    noDefaultVpcAdvice: (region: string) =>
      `create one ('aws ec2 create-default-vpc --region ${region}'; it costs nothing), or name a public subnet: ec2.subnet`,
    noSuchInstance: (instance: string, region: string) => `${region} has no instances of type ${instance}`,
    noSubnetIn: (zone: string, instance: string) =>
      `the data volume is in ${zone}, and there is no default subnet for a ${instance} in that zone`,
    noSubnetWith: (instance: string, region: string) => `no subnet of the network in ${region} is in a zone that has ${instance}`,
    subnetAdvice: "name another subnet (ec2.subnet) or instance type (machine.instance)",
    noImage: (parameter: string, region: string) => `${region} has no Ubuntu image (parameter ${parameter})`,
    noKeyPair: (name: string, region: string, names: string) =>
      `there is no key pair '${name}' in ${region}; there are: ${names || "none"}`,
    noKeyPairAdvice: "correct ec2.keyPair, or leave it out: then your own public ssh key is used",
    noPublicKey: (folder: string) => `${folder} has no public ssh key that EC2 takes (id_ed25519.pub or id_rsa.pub)`,
    noPublicKeyAdvice: "create one with 'ssh-keygen -t ed25519', or name a key pair of the region: ec2.keyPair",
    severalVolumes: (ids: string) => `earlier machines left several data volumes behind: ${ids}`,
    chooseVolume: "choose one with --volume ID, and delete the others",
    noSuchVolume: (id: string, stack: string) => `${id} is no free data volume of ${stack}`,
    volumeShrinks: (id: string, have: number, want: number) => `the data volume ${id} has ${have} GiB, and machine.disk asks for ${want}`,
    volumeShrinksAdvice: "a volume cannot shrink; raise machine.disk",
    userDataTooLong: (bytes: number, limit: number) => `the script of the machine's first boot has ${bytes} bytes, and EC2 takes ${limit}`,
    // addresses
    noAddress: (text: string) => `'${text}' is not an IP address or range`,
    addressForm: "allowed are addresses such as 203.0.113.7, and ranges from /16 (IPv4) or /32 (IPv6) on, such as 203.0.113.0/24",
    privateAddress: (text: string) => `${text} is a private address: no packet reaches AWS from it`,
    privateAdvice: "give the public address of your router, as https://checkip.amazonaws.com shows it",
    tooWide: (text: string, bits: number) => `${text} is too wide; the widest allowed range is /${bits}`,
    twoAddresses: (one: string, other: string) => `${one} and ${other} are two addresses of one family`,
    useAlso: "give the second one with --also",
    tooManyOwners: (most: number, names: string) => `at most ${most} computers or networks can be allowed; these are more: ${names}`,
    forgetOne: "remove one with --forget NAME",
    noOwner: (name: string, names: string) => `'${name}' is not allowed; allowed are: ${names || "none"}`,
    noAddressIn: (url: string) => `${url} answered with something else than an address`,
    noOwnAddress: (why: string) => `the public address of this computer could not be found (${why})`,
    noOwnAddressAdvice: "give it with --address, as a browser on https://checkip.amazonaws.com shows it",
    onlyIpv6: "this computer has an IPv6 address alone, and the machine answers at IPv4: ssh and kubectl cannot reach it directly",
    onlyIpv6Advice: "set ec2.ssh: session-manager, or use a network with IPv4 or NAT64",
    owners: "may administer the machine (ssh, Kubernetes):",
    get noOwners() {
      return `nobody may administer the machine over the internet: ${printed("ec2 allow-my-ip")}`;
    },
    owner: (name: string, ranges: string) => `  ${name}: ${ranges}`,
    ownersUnchanged: "the security group allows exactly these addresses already",
    ownersChanged: "the security group allows these addresses now",
    // the stack
    event: (seconds: number, resource: string, status: string, reason: string) =>
      `${String(seconds).padStart(5)} s  ${resource} ${status}${reason ? `: ${reason}` : ""}`,
    quota:
      "the account's quota of vCPUs is used up: stop another machine, or ask for more (Service Quotas, 'Running On-Demand Standard instances')",
    addressQuota: "the account has no Elastic IP left (5 a region): release one, or set ec2.elasticIp: false",
    volumeQuota: "the account's quota of EBS storage is used up: delete volumes and snapshots that are not needed",
    noCapacity: "AWS has no such machine free in that zone: try again later, or choose another instance type or subnet (ec2.subnet)",
    notInZone: "that zone does not have this instance type: choose another subnet (ec2.subnet)",
    freePlan:
      "the account is on the free plan, which has few instance types: choose one of them (t3.small, t4g.small), or upgrade the plan",
    noRoles:
      "your AWS user may not create roles: in a student laboratory set ec2.laboratory: true; else set ec2.instanceProfile and ec2.snapshots: 0",
    stackFailed: (stack: string, status: string, why: string) => `${stack} is ${status}: ${why}`,
    stackFailedAdvice: (status: string): string =>
      /ROLLBACK_COMPLETE$/.test(status)
        ? "CloudFormation has taken back what it had begun; correct the cause and run the same command again"
        : `open the stack's events in the console of CloudFormation; '${printed("ec2 status")}' lists what costs money`,
    busy: (stack: string, status: string) => `another run is changing ${stack} (${status}); waiting for it`,
    notAccepted: (reason: string) => `CloudFormation does not accept the change: ${reason}`,
    obsolete: (stack: string) => `${stack} was changed by another run meanwhile`,
    obsoleteAdvice: "run the same command again: it shows what is left to change",
    rollbackFailed: (stack: string) => `${stack} is UPDATE_ROLLBACK_FAILED: CloudFormation could not take back an update`,
    rollbackFailedAdvice: "open the stack in the console of CloudFormation and choose 'Continue update rollback'",
    removesFailed: (stack: string, status: string) => `${stack} is ${status} since its creation failed; it is deleted first`,
    noStack: (stack: string, region: string) => `there is no stack ${stack} in ${region}`,
    noStackAdvice: (command: string) => `create it with '${command}', or check ec2.region and the AWS profile`,
    noMachine: (stack: string, status: string) => `${stack} (${status}) has no machine at the moment`,
    noMachineAdvice: (command: string) => `'${command}' creates it`,
    // plan and up
    subject: (stack: string, instance: string, region: string, account: string) =>
      `${stack}: ${instance} in ${region}${account ? `, account ${account}` : ""}`,
    costsHead: (date: string) => `estimated costs a month, in USD (prices of us-east-1 from ${date}; approximate, without taxes):`,
    costColumns: ["", "running", "stopped", "after down"] as readonly string[],
    cost: {
      instance: "machine",
      address: "public IPv4 address",
      root: "root disk",
      data: "data volume",
      snapshots: "snapshots, at most for one full copy",
      alarms: "alarms (the first 10 are free)",
      total: "total",
    },
    otherRegion: (region: string) => `${region} has other prices, up to twice as high`,
    traffic: "traffic out to the internet: 100 GB a month are free, then 0.09 per GB",
    surplus: (most: number) => `cpuCredits: unlimited can add up to ${money(most)} if the machine is busy all the time`,
    laboratoryNote: "laboratory: no role and no daily snapshots are created, and a stopped machine gets another address",
    adopted: (volume: string) => `the data volume ${volume} of an earlier machine is used again`,
    changesHead: "changes:",
    noChanges: "nothing to change",
    effects: { none: "changes", interrupt: "changes, stops and starts", replace: "REPLACES", remove: "DELETES", add: "creates" },
    change: (effect: string, resource: string, type: string, properties: string) =>
      `  ${effect.padEnd(9)} ${resource} (${type})${properties ? `: ${properties}` : ""}`,
    replaces: (what: string) => `this would replace: ${what}`,
    replacesAdvice: (command: string) => `nothing was changed; to replace it: '${command}'`,
    replacesInstance:
      "the machine is stopped and deleted, and a new one continues with the same data volume; the application is away for some minutes",
    replacesVolume: "the data volume is replaced by an EMPTY one; the old one stays as a snapshot only",
    ask: (stack: string) => `Change ${stack} in your AWS account?`,
    askCreate: (stack: string, usd: number) => `Create ${stack} in your AWS account, for about ${money(usd)} a month?`,
    yesAdvice: "add --yes to confirm",
    refused: "nothing was changed",
    replacing: "replacing the machine: first the old one is removed",
    stopping: (id: string) => `stopping ${id}, so that its volumes are written`,
    starting: (id: string) => `starting ${id}`,
    ready: (id: string, address: string | undefined) => (address ? `${id} runs at ${address}` : `${id} runs, without a public address`),
    next: (up: string) => `in about three minutes k3s is ready. Next: '${up}'`,
    planned: (command: string) => `nothing was changed; to do it: '${command}'`,
    // reaching it
    notRunning: (state: string) => `the machine is ${state}`,
    get startIt() {
      return `start it: ${printed("ec2 start")}`;
    },
    noPublicAddress: "the machine has no public IPv4 address",
    noPublicAddressAdvice: "its subnet gives none: set ec2.elasticIp: true, or name a public subnet",
    noProgram: (program: string) => `the program ${program} is not installed`,
    getSessionManager:
      "install the AWS CLI and the Session Manager plugin (docs.aws.amazon.com, 'Install the Session Manager plugin'), or set ec2.ssh: own-address",
    getSsh: "install OpenSSH's client",
    sshFailed: (destination: string, words: string) => `ssh ${destination}: ${words}`,
    get sshAdvice() {
      return `if it does not answer: ${printed("ec2 allow-my-ip")}; if the key is refused: the machine takes the key pair or public key that it was created with`;
    },
    noK3sYet: "k3s has not finished starting on the machine",
    get noK3sYetAdvice() {
      return `wait a minute; '${printed("ec2 ssh", "--", "cloud-init", "status", "--long")}' shows how far the first boot is`;
    },
    wroteContext: (name: string, file: string) => `context '${name}' written to ${file}`,
    useContext: (name: string) => `kubectl --context ${name} get nodes`,
    // status
    stackLine: (stack: string, status: string) => `stack ${stack}: ${status}`,
    machineLine: (id: string, type: string, state: string, address: string | undefined) =>
      `machine ${id}: ${type}, ${state}${address ? `, ${address}` : ""}`,
    otherMachine: (type: string, wanted: string, command: string) =>
      `the machine is a ${type}, and the environment says ${wanted}: '${command}'`,
    volumeLine: (id: string, gib: number, state: string) => `data volume ${id}: ${gib} GiB, ${state}, about ${money(gib * 0.08)} a month`,
    snapshotsLine: (count: number, newest: string, gib: number) =>
      `snapshots: ${count}${newest ? `, the newest of ${newest}` : ""}, at most ${money(gib * 0.05)} a month each`,
    costLine: (usd: number) => `about ${money(usd)} a month as it is now`,
    nothingLeft: (stack: string, region: string) => `${stack} does not exist in ${region}, and none of its data is left`,
    // stop and start
    stopped: (id: string) => `${id} is stopped`,
    alreadyStopped: (id: string) => `${id} was stopped already`,
    stillCosts: (usd: number, fixed: boolean) =>
      `while it is stopped it costs about ${money(usd)} a month: the disks${fixed ? ", the fixed address" : ""} and the snapshots, if any`,
    addressWillChange: "its public address is another one after the next start",
    // down
    downHead: (stack: string, region: string) =>
      `deletes ${stack} in ${region}: the machine, its address, security group, roles and alarms`,
    downKeeps: (volumes: string) => `keeps the data: ${volumes}, and a last snapshot of it`,
    downDeletes: (volumes: string, snapshots: number) => `DELETES THE DATA: ${volumes || "no volume"}, and ${snapshots} snapshots`,
    typeName: (what: string) => `${what}. Type the environment's name to confirm: `,
    otherName: (answer: string, name: string) => `'${answer}' is not '${name}'; nothing was deleted`,
    deleted: (what: string) => `deleted: ${what}`,
    snapshotBegun: (id: string, volume: string) => `snapshot ${id} of ${volume} begun; AWS finishes it by itself`,
    left: "this is left and still costs money:",
    leftVolume: (id: string, gib: number, usd: number) => `  data volume ${id} (${gib} GiB): about ${money(usd)} a month`,
    leftSnapshot: (id: string, gib: number, usd: number) => `  snapshot ${id} (of ${gib} GiB): at most ${money(usd)} a month`,
    leftAgain: (up: string, down: string) => `'${up}' uses the volume again; '${down}' deletes all of it`,
    nothingCosts: "nothing is left that costs money",
  },
  es: {
    noEc2: (file) => `${file} no describe ninguna máquina en EC2`,
    noEc2Advice: "agregue la clave ec2: {} y machine.instance (docs/guides/ec2.es.md)",
    noEnvironment: "indique el entorno: ninguno tiene la clave ec2",
    severalEnvironments: (names) => `varios entornos tienen la clave ec2: ${names}`,
    nameOne: "indique uno de ellos",
    noCredentials: "no se encontraron credenciales de AWS",
    noCredentialsAdvice:
      "ejecute «aws configure», o defina AWS_ACCESS_KEY_ID y AWS_SECRET_ACCESS_KEY (en un laboratorio: copie «AWS Details» en ~/.aws/credentials)",
    expired: "las credenciales de AWS vencieron",
    expiredAdvice:
      "obtenga otras («aws sso login»; en un laboratorio: inícielo de nuevo y copie «AWS Details» en ~/.aws/credentials) y ejecute el mismo comando: continúa",
    wrongKeys: (region) => `AWS no acepta estas credenciales en ${region}`,
    wrongKeysAdvice:
      "revise la clave de acceso, la región (ec2.region; una región nueva se debe habilitar en la cuenta) y que el reloj de este computador esté bien",
    notActivated: (region) => `la cuenta de AWS no está activada para este servicio en ${region}`,
    notActivatedAdvice: "termine el registro de la cuenta (medio de pago, teléfono), o espere: tarda hasta un día",
    denied: (right) => `a su usuario de AWS le falta un permiso: ${right}`,
    deniedAdvice: "pídalo al administrador de la cuenta; en un laboratorio de estudiantes ponga ec2.laboratory: true",
    throttled: "AWS no acepta más solicitudes por ahora (throttling), tampoco tras varios intentos",
    throttledAdvice: "ejecute el mismo comando en un minuto: continúa",
    unreachable: (region) => `AWS no responde para la región ${region}`,
    unreachableAdvice: "revise la conexión a internet y que ec2.region sea el nombre de una región",
    awsSays: (code, message) => `AWS: ${code}: ${message}`,
    regionAdvice: "revise ec2.region",
    noSubnet: (subnet, region) => `no hay una subred ${subnet} en ${region}`,
    noDefaultVpc: (region) => `la cuenta no tiene una VPC por defecto en ${region}`,
    noDefaultVpcAdvice: (region) =>
      `cree una («aws ec2 create-default-vpc --region ${region}»; no cuesta nada), o indique una subred pública: ec2.subnet`,
    noSuchInstance: (instance, region) => `${region} no tiene instancias de tipo ${instance}`,
    noSubnetIn: (zone, instance) => `el volumen de datos está en ${zone}, y en esa zona no hay una subred por defecto para ${instance}`,
    noSubnetWith: (instance, region) => `ninguna subred de la red en ${region} está en una zona que tenga ${instance}`,
    subnetAdvice: "indique otra subred (ec2.subnet) u otro tipo de instancia (machine.instance)",
    noImage: (parameter, region) => `${region} no tiene una imagen de Ubuntu (parámetro ${parameter})`,
    noKeyPair: (name, region, names) => `no hay un par de claves «${name}» en ${region}; hay: ${names || "ninguno"}`,
    noKeyPairAdvice: "corrija ec2.keyPair, o quítelo: entonces se usa su propia clave pública de ssh",
    noPublicKey: (folder) => `${folder} no tiene una clave pública de ssh que EC2 acepte (id_ed25519.pub o id_rsa.pub)`,
    noPublicKeyAdvice: "cree una con «ssh-keygen -t ed25519», o indique un par de claves de la región: ec2.keyPair",
    severalVolumes: (ids) => `máquinas anteriores dejaron varios volúmenes de datos: ${ids}`,
    chooseVolume: "elija uno con --volume ID y elimine los demás",
    noSuchVolume: (id, stack) => `${id} no es un volumen de datos libre de ${stack}`,
    volumeShrinks: (id, have, want) => `el volumen de datos ${id} tiene ${have} GiB, y machine.disk pide ${want}`,
    volumeShrinksAdvice: "un volumen no se puede reducir; aumente machine.disk",
    userDataTooLong: (bytes, limit) => `el script del primer arranque de la máquina tiene ${bytes} bytes, y EC2 acepta ${limit}`,
    noAddress: (text) => `«${text}» no es una dirección IP ni un rango`,
    addressForm: "se admiten direcciones como 203.0.113.7, y rangos desde /16 (IPv4) o /32 (IPv6), como 203.0.113.0/24",
    privateAddress: (text) => `${text} es una dirección privada: desde ella ningún paquete llega a AWS`,
    privateAdvice: "indique la dirección pública de su router, como la muestra https://checkip.amazonaws.com",
    tooWide: (text, bits) => `${text} es demasiado amplio; el rango más amplio que se admite es /${bits}`,
    twoAddresses: (one, other) => `${one} y ${other} son dos direcciones de la misma familia`,
    useAlso: "indique la segunda con --also",
    tooManyOwners: (most, names) => `se pueden permitir como máximo ${most} computadores o redes; estos son más: ${names}`,
    forgetOne: "quite una con --forget NOMBRE",
    noOwner: (name, names) => `«${name}» no está permitido; están permitidos: ${names || "ninguno"}`,
    noAddressIn: (url) => `${url} respondió algo que no es una dirección`,
    noOwnAddress: (why) => `no se pudo averiguar la dirección pública de este computador (${why})`,
    noOwnAddressAdvice: "indíquela con --address, como la muestra un navegador en https://checkip.amazonaws.com",
    onlyIpv6: "este computador solo tiene una dirección IPv6, y la máquina responde en IPv4: ssh y kubectl no pueden llegar directamente",
    onlyIpv6Advice: "ponga ec2.ssh: session-manager, o use una red con IPv4 o NAT64",
    owners: "pueden administrar la máquina (ssh, Kubernetes):",
    get noOwners() {
      return `nadie puede administrar la máquina por internet: ${printed("ec2 allow-my-ip")}`;
    },
    owner: (name, ranges) => `  ${name}: ${ranges}`,
    ownersUnchanged: "el grupo de seguridad ya permite exactamente estas direcciones",
    ownersChanged: "el grupo de seguridad ahora permite estas direcciones",
    event: (seconds, resource, status, reason) => `${String(seconds).padStart(5)} s  ${resource} ${status}${reason ? `: ${reason}` : ""}`,
    quota:
      "la cuota de vCPU de la cuenta se agotó: detenga otra máquina, o pida más (Service Quotas, «Running On-Demand Standard instances»)",
    addressQuota: "a la cuenta no le queda ninguna Elastic IP (5 por región): libere una, o ponga ec2.elasticIp: false",
    volumeQuota: "la cuota de almacenamiento EBS de la cuenta se agotó: elimine volúmenes y snapshots que no necesite",
    noCapacity:
      "AWS no tiene una máquina así libre en esa zona: intente más tarde, o elija otro tipo de instancia u otra subred (ec2.subnet)",
    notInZone: "esa zona no tiene este tipo de instancia: elija otra subred (ec2.subnet)",
    freePlan:
      "la cuenta tiene el plan gratuito, que admite pocos tipos de instancia: elija uno de ellos (t3.small, t4g.small), o cambie de plan",
    noRoles:
      "su usuario de AWS no puede crear roles: en un laboratorio de estudiantes ponga ec2.laboratory: true; si no, defina ec2.instanceProfile y ec2.snapshots: 0",
    stackFailed: (stack, status, why) => `${stack} está ${status}: ${why}`,
    stackFailedAdvice: (status) =>
      /ROLLBACK_COMPLETE$/.test(status)
        ? "CloudFormation deshizo lo que había empezado; corrija la causa y ejecute el mismo comando de nuevo"
        : `abra los eventos de la pila en la consola de CloudFormation; «${printed("ec2 status")}» enumera lo que cuesta dinero`,
    busy: (stack, status) => `otra ejecución está cambiando ${stack} (${status}); se espera a que termine`,
    notAccepted: (reason) => `CloudFormation no acepta el cambio: ${reason}`,
    obsolete: (stack) => `otra ejecución cambió ${stack} mientras tanto`,
    obsoleteAdvice: "ejecute el mismo comando de nuevo: muestra lo que falta cambiar",
    rollbackFailed: (stack) => `${stack} está UPDATE_ROLLBACK_FAILED: CloudFormation no pudo deshacer una actualización`,
    rollbackFailedAdvice: "abra la pila en la consola de CloudFormation y elija «Continuar la reversión de la actualización»",
    removesFailed: (stack, status) => `${stack} está ${status} porque su creación falló; primero se elimina`,
    noStack: (stack, region) => `no hay una pila ${stack} en ${region}`,
    noStackAdvice: (command) => `créela con «${command}», o revise ec2.region y el perfil de AWS`,
    noMachine: (stack, status) => `${stack} (${status}) no tiene máquina en este momento`,
    noMachineAdvice: (command) => `«${command}» la crea`,
    subject: (stack, instance, region, account) => `${stack}: ${instance} en ${region}${account ? `, cuenta ${account}` : ""}`,
    costsHead: (date) => `costos estimados por mes, en USD (precios de us-east-1 del ${date}; aproximados, sin impuestos):`,
    costColumns: ["", "en marcha", "detenida", "tras down"],
    cost: {
      instance: "máquina",
      address: "dirección IPv4 pública",
      root: "disco raíz",
      data: "volumen de datos",
      snapshots: "snapshots, como máximo por una copia completa",
      alarms: "alertas de CloudWatch (las primeras 10 son gratis)",
      total: "total",
    },
    otherRegion: (region) => `${region} tiene otros precios, hasta el doble`,
    traffic: "tráfico hacia internet: 100 GB por mes son gratis, luego 0.09 por GB",
    surplus: (most) => `cpuCredits: unlimited puede sumar hasta ${money(most)} si la máquina está ocupada todo el tiempo`,
    laboratoryNote: "laboratorio: no se crean roles ni snapshots diarios, y una máquina detenida recibe otra dirección",
    adopted: (volume) => `se usa de nuevo el volumen de datos ${volume} de una máquina anterior`,
    changesHead: "cambios:",
    noChanges: "nada que cambiar",
    effects: { none: "cambia", interrupt: "cambia, con parada y arranque", replace: "REEMPLAZA", remove: "ELIMINA", add: "crea" },
    change: (effect, resource, type, properties) => `  ${effect.padEnd(9)} ${resource} (${type})${properties ? `: ${properties}` : ""}`,
    replaces: (what) => `esto reemplazaría: ${what}`,
    replacesAdvice: (command) => `no se cambió nada; para reemplazarlo: «${command}»`,
    replacesInstance:
      "la máquina se detiene y se elimina, y otra nueva continúa con el mismo volumen de datos; la aplicación no responde durante unos minutos",
    replacesVolume: "el volumen de datos se reemplaza por uno VACÍO; del anterior solo queda un snapshot",
    ask: (stack) => `¿Cambiar ${stack} en su cuenta de AWS?`,
    askCreate: (stack, usd) => `¿Crear ${stack} en su cuenta de AWS, por unos ${money(usd)} al mes?`,
    yesAdvice: "agregue --yes para confirmar",
    refused: "no se cambió nada",
    replacing: "se reemplaza la máquina: primero se quita la anterior",
    stopping: (id) => `se detiene ${id}, para que sus volúmenes queden escritos`,
    starting: (id) => `se inicia ${id}`,
    ready: (id, address) => (address ? `${id} funciona en ${address}` : `${id} funciona, sin dirección pública`),
    next: (up) => `en unos tres minutos k3s está listo. Siguiente paso: «${up}»`,
    planned: (command) => `no se cambió nada; para hacerlo: «${command}»`,
    notRunning: (state) => `la máquina está ${state}`,
    get startIt() {
      return `iníciela: ${printed("ec2 start")}`;
    },
    noPublicAddress: "la máquina no tiene una dirección IPv4 pública",
    noPublicAddressAdvice: "su subred no asigna ninguna: ponga ec2.elasticIp: true, o indique una subred pública",
    noProgram: (program) => `el programa ${program} no está instalado`,
    getSessionManager:
      "instale la AWS CLI y el plugin de Session Manager (docs.aws.amazon.com, «Install the Session Manager plugin»), o ponga ec2.ssh: own-address",
    getSsh: "instale el cliente de OpenSSH",
    sshFailed: (destination, words) => `ssh ${destination}: ${words}`,
    get sshAdvice() {
      return `si no responde: ${printed("ec2 allow-my-ip")}; si rechaza la clave: la máquina acepta el par de claves o la clave pública con que se creó`;
    },
    noK3sYet: "k3s todavía no termina de arrancar en la máquina",
    get noK3sYetAdvice() {
      return `espere un minuto; «${printed("ec2 ssh", "--", "cloud-init", "status", "--long")}» muestra cuánto avanzó el primer arranque`;
    },
    wroteContext: (name, file) => `contexto «${name}» escrito en ${file}`,
    useContext: (name) => `kubectl --context ${name} get nodes`,
    stackLine: (stack, status) => `pila ${stack}: ${status}`,
    machineLine: (id, type, state, address) => `máquina ${id}: ${type}, ${state}${address ? `, ${address}` : ""}`,
    otherMachine: (type, wanted, command) => `la máquina es ${type}, y el entorno dice ${wanted}: «${command}»`,
    volumeLine: (id, gib, state) => `volumen de datos ${id}: ${gib} GiB, ${state}, unos ${money(gib * 0.08)} al mes`,
    snapshotsLine: (count, newest, gib) =>
      `snapshots: ${count}${newest ? `, el más nuevo del ${newest}` : ""}, como máximo ${money(gib * 0.05)} al mes cada uno`,
    costLine: (usd) => `unos ${money(usd)} al mes tal como está ahora`,
    nothingLeft: (stack, region) => `${stack} no existe en ${region}, y no queda nada de sus datos`,
    stopped: (id) => `${id} está detenida`,
    alreadyStopped: (id) => `${id} ya estaba detenida`,
    stillCosts: (usd, fixed) =>
      `detenida cuesta unos ${money(usd)} al mes: los discos${fixed ? ", la dirección fija" : ""} y los snapshots que haya`,
    addressWillChange: "su dirección pública será otra tras el próximo inicio",
    downHead: (stack, region) =>
      `elimina ${stack} en ${region}: la máquina, su dirección, grupo de seguridad, roles y alertas de CloudWatch`,
    downKeeps: (volumes) => `conserva los datos: ${volumes}, y un último snapshot`,
    downDeletes: (volumes, snapshots) => `ELIMINA LOS DATOS: ${volumes || "ningún volumen"}, y ${snapshots} snapshots`,
    typeName: (what) => `${what}. Escriba el nombre del entorno para confirmar: `,
    otherName: (answer, name) => `«${answer}» no es «${name}»; no se eliminó nada`,
    deleted: (what) => `eliminado: ${what}`,
    snapshotBegun: (id, volume) => `empezó el snapshot ${id} de ${volume}; AWS lo termina por sí solo`,
    left: "esto queda y sigue costando dinero:",
    leftVolume: (id, gib, usd) => `  volumen de datos ${id} (${gib} GiB): unos ${money(usd)} al mes`,
    leftSnapshot: (id, gib, usd) => `  snapshot ${id} (de ${gib} GiB): como máximo ${money(usd)} al mes`,
    leftAgain: (up, down) => `«${up}» usa de nuevo el volumen; «${down}» elimina todo`,
    nothingCosts: "no queda nada que cueste dinero",
  },
});
