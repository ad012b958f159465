import { messages } from "../language.ts";
import { printed, printedAlone } from "../printed.ts";

/** A server that is reached by ssh: why it is not, and what to do. */
export const ssh = messages({
  en: {
    noAddress: (text: string) => `'${text}' is no address of a server`,
    addressForm: "give it as user@host, such as ubuntu@203.0.113.7, or with a port: ubuntu@203.0.113.7:2222",
    noConnection: (to: string, why: string) => `ssh ${to}: ${why}`,
    keyChanged: "the server shows another host key than the one in your known_hosts",
    newKey: (host: string, to: string) =>
      `if the server was created again, remove the old key with 'ssh-keygen -R ${host}' and connect once by hand: ssh ${to}. Otherwise another machine may have answered: do not continue`,
    keyUnknown: "the server's host key is not known here",
    connectByHand: (to: string) => `connect once by hand and compare the key that it shows: ssh ${to}`,
    denied: "the server does not accept this user or key",
    userAndKey: (to: string) =>
      `check the user (ubuntu on Ubuntu's cloud images, admin on Debian's) and the key (ssh-add FILE, or IdentityFile in ~/.ssh/config) until this works: ssh ${to}`,
    noName: "no such host",
    checkName: "check the name; an address works too",
    refused: "connection refused",
    sshRuns: (to: string) => `check that the server has started and that sshd listens at this port: ssh ${to}`,
    unreachable: "no response",
    openPort22:
      "check that the server runs, and that its firewall or security group lets your address reach port 22; your own address may have changed",
    noForwarding: "the server does not forward connections",
    allowForwarding: "set AllowTcpForwarding yes in its /etc/ssh/sshd_config",
    installSsh: "install it (Debian, Ubuntu: apt-get install openssh-client)",
    tryByHand: (to: string) => `find out with: ssh -v ${to}`,
    noRoot: (to: string) => `${to} may not run commands as root without a password`,
    allowSudo: (to: string) =>
      `use a user that may (ubuntu on EC2), or allow it on the server: echo '${to.includes("@") ? to.replace(/@.*/, "") : "USER"} ALL=(ALL) NOPASSWD: ALL' | sudo tee /etc/sudoers.d/cloudnova`,
    noK3s: (to: string) => `k3s is not installed on ${to}`,
    prepare: (to: string) => `prepare the server: ${printedAlone("server script")} | ssh ${to} sudo bash`,
    noKubeconfig: (to: string, file: string, why: string) => `${file} on ${to} cannot be read: ${why}`,
    k3sFailed: (to: string, command: string, why: string) => `k3s ${command} on ${to}: ${why}`,
    get k3sSilent() {
      return `the connection through ssh was closed: k3s may not run on the server. Start it there with 'sudo systemctl restart k3s', then run '${printed("status")}'`;
    },
    check: "connect to the server and check whether k3s runs",
    overSsh: "through ssh",
    built: (folder: string, processor: string) =>
      `is built from ${folder}/ for ${processor} and brought by ssh into k3s' containerd; pods of an earlier build are replaced`,
    noEmulation: (processor: string) =>
      `this machine cannot run programs of ${processor}, which the build needs: on Linux 'docker run --privileged --rm tonistiigi/binfmt --install ${processor}'; Docker Desktop has it already`,
    noBuildKit:
      "building for another processor needs BuildKit: install docker-buildx (Debian, Ubuntu) or docker-buildx-plugin (docker.com)",
  },
  es: {
    noAddress: (text) => `«${text}» no es la dirección de un servidor`,
    addressForm: "indíquela como usuario@servidor, por ejemplo ubuntu@203.0.113.7, o con un puerto: ubuntu@203.0.113.7:2222",
    noConnection: (to, why) => `ssh ${to}: ${why}`,
    keyChanged: "el servidor muestra otra clave de host que la de su known_hosts",
    newKey: (host, to) =>
      `si el servidor se creó de nuevo, elimine la clave antigua con «ssh-keygen -R ${host}» y conéctese una vez a mano: ssh ${to}. Si no, puede haber respondido otra máquina: no continúe`,
    keyUnknown: "aquí no se conoce la clave de host del servidor",
    connectByHand: (to) => `conéctese una vez a mano y compare la clave que muestra: ssh ${to}`,
    denied: "el servidor no acepta este usuario o esta clave",
    userAndKey: (to) =>
      `revise el usuario (ubuntu en las imágenes de nube de Ubuntu, admin en las de Debian) y la clave (ssh-add ARCHIVO, o IdentityFile en ~/.ssh/config) hasta que esto funcione: ssh ${to}`,
    noName: "no existe ese servidor",
    checkName: "revise el nombre; también sirve una dirección",
    refused: "conexión rechazada",
    sshRuns: (to) => `compruebe que el servidor arrancó y que sshd escucha en este puerto: ssh ${to}`,
    unreachable: "no responde",
    openPort22:
      "compruebe que el servidor está encendido y que su firewall o grupo de seguridad deja llegar su dirección al puerto 22; quizá cambió la dirección de usted",
    noForwarding: "el servidor no reenvía conexiones",
    allowForwarding: "ponga AllowTcpForwarding yes en su /etc/ssh/sshd_config",
    installSsh: "instálelo (Debian, Ubuntu: apt-get install openssh-client)",
    tryByHand: (to) => `averígüelo con: ssh -v ${to}`,
    noRoot: (to) => `${to} no puede ejecutar comandos como root sin contraseña`,
    allowSudo: (to) =>
      `use un usuario que pueda (ubuntu en EC2), o permítalo en el servidor: echo '${to.includes("@") ? to.replace(/@.*/, "") : "USUARIO"} ALL=(ALL) NOPASSWD: ALL' | sudo tee /etc/sudoers.d/cloudnova`,
    noK3s: (to) => `k3s no está instalado en ${to}`,
    prepare: (to) => `prepare el servidor: ${printedAlone("server script")} | ssh ${to} sudo bash`,
    noKubeconfig: (to, file, why) => `no se puede leer ${file} en ${to}: ${why}`,
    k3sFailed: (to, command, why) => `k3s ${command} en ${to}: ${why}`,
    get k3sSilent() {
      return `se cerró la conexión por ssh: quizá k3s no está en ejecución en el servidor. Inícielo allí con «sudo systemctl restart k3s» y luego ejecute «${printed("status")}»`;
    },
    check: "conectarse al servidor y comprobar si k3s está en ejecución",
    overSsh: "por ssh",
    built: (folder, processor) =>
      `se construye desde ${folder}/ para ${processor} y se lleva por ssh al containerd de k3s; los pods de una construcción anterior se reemplazan`,
    noEmulation: (processor) =>
      `esta máquina no puede ejecutar programas de ${processor}, y la construcción los necesita: en Linux «docker run --privileged --rm tonistiigi/binfmt --install ${processor}»; Docker Desktop ya lo tiene`,
    noBuildKit:
      "para construir para otro procesador hace falta BuildKit: instale docker-buildx (Debian, Ubuntu) o docker-buildx-plugin (docker.com)",
  },
});
