/** A connection that did not come about, as an application's output tells of it. */
export interface Unanswered {
  /** Name or address; undefined where the line names none. */
  readonly host?: string;
  readonly port?: number;
  /** Whether it was refused; otherwise no answer came in time. */
  readonly refused: boolean;
}

/** Words of a connection that was not answered: Python, Node, Go, Java and libc. A policy may also refuse. */
const FAILED =
  /Errno 11[0-3]\b|\(11[0-3]\b|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNREFUSED|connect(?:ion|ing)?\b[^\n]* timed out|connect(?:ion)? ?time-?out|i\/o timeout|connection refused|no route to host|network is unreachable|Connect call failed|connect timed out/i;
const REFUSED = /Errno 111\b|\(111\b|ECONNREFUSED|refused/i;
/** The connection was there, and the answer late: no policy's matter. */
const AFTERWARDS = /read timed out|read timeout|ReadTimeout/i;

const HOST = "([A-Za-z0-9][A-Za-z0-9._-]*)";
/** Where such a line names its destination. The first that fits is taken. */
const DESTINATIONS: readonly RegExp[] = [
  new RegExp(`host='${HOST}',? port=(\\d+)`), // urllib3 and requests
  new RegExp(`Cannot connect to host ${HOST}:(\\d+)`), // aiohttp
  new RegExp(`Connect call failed \\('${HOST}', (\\d+)\\)`), // asyncio
  new RegExp(`(?:ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNREFUSED) ${HOST}:(\\d+)`), // Node
  new RegExp(`dial (?:tcp|udp)4? ${HOST}:(\\d+)`), // Go
  new RegExp(`connecting to ${HOST}:(\\d+)`, "i"), // redis-py
  new RegExp(`server on '${HOST}(?::(\\d+))?'`), // PyMySQL, mysqlclient
  new RegExp(`server at "${HOST}"[^\\n]*port (\\d+)`), // libpq
  new RegExp(`Connection to ${HOST} timed out`), // urllib3
  new RegExp(`(?:https?|redis|amqps?|mongodb|postgres(?:ql)?|smtp)://(?:[^@/\\s]*@)?${HOST}(?::(\\d+))?`, "i"),
];

/** The connections that were not answered in the lines of an output, each destination once. */
export function unansweredIn(output: string): Unanswered[] {
  const found = output
    .split("\n")
    .filter((line) => FAILED.test(line) && !AFTERWARDS.test(line))
    .map((line): Unanswered => {
      const [, host, port] = DESTINATIONS.map((pattern) => pattern.exec(line)).find((match) => match !== null) ?? [];
      return {
        refused: REFUSED.test(line),
        ...(host !== undefined && { host: host.replace(/\.$/, "") }),
        ...(port !== undefined && { port: Number(port) }),
      };
    });
  const named = found.filter(({ host }) => host !== undefined);
  // A traceback has the cause once without its destination, and once with it.
  const all = named.length > 0 ? named : found.slice(-1);
  return [...new Map(all.map((one) => [`${one.host}:${one.port}`, one])).values()];
}
