import { doctor as words } from "../../messages/doctor.ts";
import { ok, problem, warning } from "../finding.ts";
import type { Check } from "./facts.ts";

const DEFAULT = "storageclass.kubernetes.io/is-default-class";

export const storage: Check = ({ storageClasses, manifests }) => {
  const claims = manifests.filter(({ kind }) => kind === "PersistentVolumeClaim");
  const names = storageClasses.map(({ metadata }) => metadata.name);
  const there = names.join(", ") || words.none;
  const asked = claims.map(({ spec }) => spec.storageClassName).filter((name) => name !== undefined && !names.includes(name));
  if (asked.length > 0) return problem(words.noClass([...new Set(asked)].join(", "), there), words.nameClass);
  if (claims.every(({ spec }) => spec.storageClassName !== undefined)) return ok(words.allNamed);
  const standard = storageClasses.filter(({ metadata }) => metadata.annotations?.[DEFAULT] === "true");
  const [first, ...others] = standard;
  if (!first) return problem(words.noDefault(there), words.makeDefault);
  return others.length === 0
    ? ok(words.standard(first.metadata.name, first.provisioner))
    : warning(words.defaults(standard.map(({ metadata }) => metadata.name).join(", ")), words.leaveOne);
};
