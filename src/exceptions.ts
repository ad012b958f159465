/** A check that an object knowingly fails, and why. */
export type Exceptions = Readonly<Record<string, string>>;

/** Reasons that hold for every pod: images are named by tag and never pulled again once they are there. */
const IMAGE_EXCEPTIONS: Exceptions = {
  CKV_K8S_15: "images are side-loaded where no registry can be reached, so Always would fail there",
  CKV_K8S_43: "a digest is only written when it was read from a registry, tags are pinned in one file",
  "container-image-pull-policy": "images are side-loaded where no registry can be reached, so Always would fail there",
};

/**
 * The annotations with the exceptions, for the scanners and the reader: `checkov.io/skipN` for a checkov id,
 * `kube-score/ignore` with `why.cloudnova.dev/<check>` for a kube-score check, and the reason alone for `pod-security`.
 * docs/exceptions.md is generated from them.
 */
export function exceptions(reasons: Exceptions): Record<string, string> {
  const entries = Object.entries(reasons);
  const checkov = entries.filter(([check]) => check.startsWith("CKV"));
  const others = entries.filter(([check]) => !check.startsWith("CKV"));
  const ignored = others.map(([check]) => check).filter((check) => check !== "pod-security");
  return {
    ...Object.fromEntries(checkov.map(([check, why], index) => [`checkov.io/skip${index + 1}`, `${check}=${why}`])),
    ...(ignored.length > 0 && { "kube-score/ignore": ignored.join(",") }),
    ...Object.fromEntries(others.map(([check, why]) => [`why.cloudnova.dev/${check}`, why])),
  };
}

/** The annotations of a workload: the exceptions of every image, and its own. */
export const podExceptions = (reasons: Exceptions = {}): Record<string, string> => exceptions({ ...IMAGE_EXCEPTIONS, ...reasons });
