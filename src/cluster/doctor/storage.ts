import { ok, problem, warning } from "../finding.ts";
import type { Check } from "./facts.ts";

export const storage: Check = ({ storageClasses, manifests }) => {
  const claims = manifests.filter(({ kind }) => kind === "PersistentVolumeClaim");
  const names = storageClasses.map(({ metadata }) => metadata.name);
  const asked = claims.map(({ spec }) => spec.storageClassName).filter((name) => name !== undefined && !names.includes(name));
  if (asked.length > 0)
    return problem(
      `no storage class ${[...new Set(asked)].join(", ")}; there are: ${names.join(", ") || "none"}`,
      "name one of these in the environment",
    );
  const standard = storageClasses.filter(
    ({ metadata }) => metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true",
  );
  if (claims.every(({ spec }) => spec.storageClassName !== undefined)) return ok("every volume names its storage class");
  const [first, ...others] = standard;
  if (!first)
    return problem(
      `no default storage class; there are: ${names.join(", ") || "none"}`,
      "make one the default, or install local-path-provisioner: volumes stay pending",
    );
  return others.length === 0
    ? ok(`default: ${first.metadata.name} (${first.provisioner})`)
    : warning(`several defaults: ${standard.map(({ metadata }) => metadata.name).join(", ")}`, "leave one: the newest is taken");
};
