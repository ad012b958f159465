import type { Manifest } from "../common/manifests.ts";

/** Prefix of the annotations that hold reasons. Not `cloudnova.dev/why-…`: a name after the slash may have 63 characters. */
const WHY = "why.cloudnova.dev/";
/** The annotations that name what a scanner ignores on an object: kube-score's own, and what a Dockerfile's comments become. */
const IGNORE = { "kube-score": "kube-score/ignore", hadolint: "hadolint/ignore" } as const;
/** Prefix of the annotations in which checkov reads what to skip on an object, `<check>=<reason>` each. */
export const CHECKOV_SKIP = "checkov.io/skip";
/** The reason's name for a pod that may fall below Pod Security restricted. */
export const POD_SECURITY = "pod-security";

const SHORTEST_REASON = 10; // characters; "no" and "n/a" are no reasons

/** One check that one object may fail, and why. */
export interface Exception {
  readonly scanner: keyof typeof IGNORE | "checkov" | "pod-security";
  readonly check: string;
  readonly reason: string;
  readonly manifest: Manifest;
}

/** A fault in how an exception is written. */
export interface ExceptionProblem {
  readonly manifest: Manifest;
  readonly message: string;
}

/** The exceptions on some objects, and what is wrong with them: each problem fails the scan. */
export interface ReadExceptions {
  readonly exceptions: readonly Exception[];
  readonly problems: readonly ExceptionProblem[];
}

/** Reads the exceptions that objects carry as annotations. Each needs a reason, and each reason an exception. */
export function readExceptions(manifests: readonly Manifest[]): ReadExceptions {
  const read = manifests.map(readOne);
  return { exceptions: read.flatMap(({ exceptions }) => exceptions), problems: read.flatMap(({ problems }) => problems) };
}

/**
 * A Dockerfile as an object, so that its exceptions are read, judged and listed like all others. hadolint's own comment
 * `# hadolint ignore=CODE` needs a comment `# Why CODE: reason` anywhere in the file.
 */
export function dockerfileManifest(path: string, text: string): Manifest {
  const codes = [...text.matchAll(/^# hadolint ignore=(\S+)/gm)].flatMap(([, list]) => (list ?? "").split(","));
  const reasons = [...text.matchAll(/^# Why (DL\d+|SC\d+): (.+)/gm)].map(([, code, reason]) => [`${WHY}${code}`, reason ?? ""]);
  const annotations: Record<string, string> = Object.fromEntries(reasons);
  if (codes.length > 0) annotations[IGNORE.hadolint] = [...new Set(codes)].join(",");
  return { file: path, line: 1, object: { apiVersion: "", kind: "Dockerfile", metadata: { name: path, annotations } } };
}

function readOne(manifest: Manifest): ReadExceptions {
  const annotations = Object.entries(manifest.object.metadata.annotations ?? {});
  const reasons = new Map(annotations.flatMap(([name, text]) => (name.startsWith(WHY) ? [[name.slice(WHY.length), text]] : [])));
  const ignored = Object.entries(IGNORE).flatMap(([scanner, annotation]) =>
    annotations.flatMap(([name, text]) =>
      name === annotation ? text.split(",").map((check) => ({ scanner: scanner as keyof typeof IGNORE, check: check.trim() })) : [],
    ),
  );
  const skipped = annotations.flatMap(([name, text]) => (name.startsWith(CHECKOV_SKIP) ? [split(text)] : []));

  const exceptions: Exception[] = [
    ...ignored.map(({ scanner, check }) => ({ scanner, check, reason: reasons.get(check) ?? "", manifest })),
    ...skipped.map(([check, reason]) => ({ scanner: "checkov" as const, check, reason, manifest })),
  ];
  const level = reasons.get(POD_SECURITY);
  if (level !== undefined) exceptions.push({ scanner: "pod-security", check: POD_SECURITY, reason: level, manifest });

  const idle = [...reasons.keys()].filter((check) => check !== POD_SECURITY && !ignored.some((one) => one.check === check));
  const messages = [
    ...exceptions.flatMap((exception) => faults(exception).map((fault) => `${exception.check} ${fault}`)),
    ...idle.map((check) => `${WHY}${check} gives a reason, but ${IGNORE["kube-score"]} does not name ${check}`),
  ];
  return { exceptions, problems: messages.map((message) => ({ manifest, message })) };
}

/** `CKV_K8S_43=reason`, split at the first equals sign. */
function split(text: string): [string, string] {
  const at = text.indexOf("=");
  return at < 0 ? [text.trim(), ""] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function faults({ scanner, check, reason }: Exception): string[] {
  const where = scanner === "checkov" ? `${CHECKOV_SKIP}N as ${check}=REASON` : `${WHY}${check}`;
  if (reason.length < SHORTEST_REASON) return [`is excepted without a reason (found ${JSON.stringify(reason)}): write one as ${where}`];
  // checkov splits at every equals sign and crashes on the second one.
  if (scanner === "checkov" && reason.includes("=")) return ["has a reason with an equals sign, on which checkov crashes: rephrase it"];
  return /[\n|]/.test(reason) ? ["has a reason with a line break or a bar, which would break the table of exceptions: rephrase it"] : [];
}
