import type { Ref } from "../objects/kube-object.ts";

/** The outcome for one object. */
export interface Applied {
  readonly ref: Ref;
  readonly outcome: "created" | "changed" | "unchanged" | "pruned" | "kept" | "conflict" | "refused" | "not applied";
  /** Why it was kept or refused. */
  readonly message?: string;
  readonly advice?: string;
}

const TROUBLE = new Set(["conflict", "refused", "not applied"]);
/** Whether an object is not as the manifest says. */
export const isTrouble = ({ outcome }: Applied): boolean => TROUBLE.has(outcome);
