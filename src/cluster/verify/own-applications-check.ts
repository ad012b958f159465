import type { Config } from "../../config/resolve.ts";
import type { Application } from "../../config/resolve-applications.ts";
import { application as advice } from "../../messages/application.ts";
import { verify as words } from "../../messages/verify.ts";
import { PORTS } from "../../ports.ts";
import { printed } from "../../printed.ts";
import { judge, type Verdict } from "../finding.ts";
import { ask, askUnlimited, type IngressEndpoint, originOf } from "../transport/ingress-client.ts";
import { mysqlLogin } from "../transport/mysql-login.ts";
import type { Check, Subject } from "./subject.ts";

/** What Traefik adds to every answer; everything else is the application's own affair. */
const HEADERS: Readonly<Record<string, RegExp>> = {
  "strict-transport-security": /^max-age=[1-9]\d*$/,
  "x-content-type-options": /^nosniff$/,
};

/** Where an application answers at the ingress. */
export const endpointOf = ({ ingress }: Application, endpoint: IngressEndpoint): IngressEndpoint => ({
  ...endpoint,
  host: ingress.host ?? endpoint.host,
});

/** The address of its start page, below the ingress' origin. */
export const startPageOf = ({ ingress }: Application): string => (ingress.path.endsWith("/") ? ingress.path : `${ingress.path}/`);

/** What a check finds out about one application. */
interface Found {
  readonly good: boolean;
  readonly saw: string;
  readonly advice?: string;
}

/** Judges all applications of the user's in one finding: what is wrong comes with its advice, else what was seen of each. */
const each =
  (look: (application: Application, subject: Subject) => Promise<Found>) =>
  async (subject: Subject): Promise<Verdict> => {
    const found: Found[] = [];
    // One after the other: the user-mode network before a Docker daemon of ours holds one connection that waits, and loses the others.
    for (const application of subject.config.applications) {
      const one = await look(application, subject).catch((error: Error): Found => ({ good: false, saw: error.message }));
      found.push({ ...one, saw: `${application.name}: ${one.saw}` });
    }
    const bad = found.filter(({ good }) => !good);
    const told = bad.length > 0 ? bad : found;
    return judge(bad.length === 0, told.map(({ saw }) => saw).join("; "), bad.find((one) => one.advice)?.advice);
  };

const startPage = each(async (application, { ingress }) => {
  const path = startPageOf(application);
  const { status, headers: received } = await askUnlimited(endpointOf(application, ingress), path);
  const logs = printed("logs", "--component", application.name);
  // Traefik's own answers where no pod is ready, or what answers is not HTTP.
  const advices: Readonly<Record<number, string>> = { 404: words.noRoute, 502: advice.speakHttp, 503: words.seeStatus };
  // An interface without a start page answers 404 itself, and Traefik adds its headers to that.
  const isAnswer = status !== 404 || "strict-transport-security" in received;
  return { good: status < 500 && isAnswer, saw: words.startPage(path, status), advice: advices[status] ?? words.seeLogs(logs) };
});

const redirect = each(async (application, { ingress }) => {
  const endpoint = endpointOf(application, ingress);
  const path = startPageOf(application);
  const { status, headers } = await ask(endpoint, path, { secure: false });
  const wanted = `${originOf(endpoint)}${path}`;
  const good = [301, 308].includes(status) && headers.location === wanted;
  const saw = words.to(status, String(headers.location ?? words.nowhere));
  return { good, saw: good ? saw : `${saw}; ${words.wanted(wanted)}` };
});

const headers = each(async (application, { ingress }) => {
  const reply = await askUnlimited(endpointOf(application, ingress), startPageOf(application));
  const wrong = Object.entries(HEADERS).filter(([name, pattern]) => !pattern.test(String(reply.headers[name] ?? "")));
  const told = wrong.map(([name]) => (reply.headers[name] ? words.is(name, String(reply.headers[name])) : words.isMissing(name)));
  return { good: wrong.length === 0, saw: (wrong.length > 0 ? told : Object.keys(HEADERS)).join(", ") };
});

/** Whether its account gets in, by a login of ours with its password: the password leaves neither the cluster's Secret nor TLS. */
const database = each(async ({ name, namespace, database: own }, { secret, reach }) => {
  if (!own) return { good: true, saw: words.noDatabase };
  const password = await secret(`${name}-database`, "password", namespace);
  if (!password) return { good: false, saw: words.noSecret(`${name}-database`), advice: words.seeStatus };
  await mysqlLogin(await reach("mysql", PORTS.mysql), { user: own.user, password, database: own.name });
  return { good: true, saw: words.loggedIn(own.user, own.name) };
});

/** An external server is not reached from here. */
const reachesDatabase = ({ applications, database: { external } }: Config) =>
  !external && applications.some((one) => one.database !== false);

const some = ({ applications }: Config) => applications.length > 0;

/** What can be checked of applications that this program does not know. */
export const ownApplicationChecks: readonly Check[] = [
  { name: "start pages", applies: some, run: startPage },
  { name: "application redirects", applies: some, run: redirect },
  { name: "application headers", applies: some, run: headers },
  { name: "application databases", applies: reachesDatabase, run: database },
];
