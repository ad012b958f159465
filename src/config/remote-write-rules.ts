import { environment as words } from "../messages/environment.ts";
import type { Violation } from "./errors.ts";
import type { Parsed } from "./schema.ts";

/** A password or a token would go over the network as it is. */
export const remoteWriteViolations = ({ monitoring }: Parsed): Violation[] =>
  monitoring.remoteWrite.flatMap(({ url, basicAuth, bearer, ca }, index) =>
    url.startsWith("http:") && (basicAuth ?? bearer ?? ca) !== undefined
      ? [{ path: ["monitoring", "remoteWrite", String(index), "url"], message: words.loginNeedsTls }]
      : [],
  );
