import { get as getHttp } from "node:http";
import { get as getHttps } from "node:https";
import { ClusterError } from "../cluster/cluster-error.ts";
import { ec2 as say } from "../messages/ec2.ts";
import { publicRange } from "./owners.ts";

/** Services that answer with the address that a request came from. AWS' own has IPv4 alone. */
const SERVICES = ["https://checkip.amazonaws.com/", "https://ipv6.icanhazip.com/"];

const TIMEOUT_MS = 5000;
/** An answer is one address; more than this is a page of something else. */
const LONGEST = 64;

/** The body of a short answer. */
function ask(url: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const get = url.startsWith("http:") ? getHttp : getHttps;
    const request = get(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        text += chunk;
        if (text.length > LONGEST) request.destroy(new Error(say.noAddressIn(url)));
      });
      response
        .on("error", reject)
        .on("end", () => (response.statusCode === 200 ? resolve(text.trim()) : reject(new Error(`HTTP ${response.statusCode}`))));
    });
    request.on("error", reject);
  });
}

/** A household's IPv6 network: its computers change their address within it every day (RFC 8981). */
const HOUSEHOLD_BITS = 64;

/**
 * The public ranges of this computer, one of each family that it has: the IPv4 address, and the /64 of the IPv6 address.
 *
 * @param services addresses that answer with the caller's address @default AWS' service, and one for IPv6
 * @throws ClusterError when no service answers with a public address
 */
export async function ownRanges(services: readonly string[], signal: AbortSignal): Promise<ReturnType<typeof publicRange>[]> {
  const asked = services.length > 0 ? services : SERVICES;
  const answers = await Promise.all(
    asked.map(async (url) => {
      try {
        return publicRange(await ask(url, signal), HOUSEHOLD_BITS);
      } catch (error) {
        return new Error(`${url}: ${(error as Error).message}`);
      }
    }),
  );
  signal.throwIfAborted();
  const found = answers.flatMap((answer) => (answer instanceof Error ? [] : [answer]));
  if (found.length > 0) return found.filter(({ range }, index) => found.findIndex((one) => one.range === range) === index);
  const why = answers.map((answer) => (answer instanceof Error ? answer.message : "")).join("; ");
  throw new ClusterError(say.noOwnAddress(why), say.noOwnAddressAdvice);
}
