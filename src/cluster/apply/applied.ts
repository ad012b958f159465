import type { Ref } from "../objects/kube-object.ts";

/** What became of one object. */
export interface Applied {
  readonly ref: Ref;
  readonly outcome: "created" | "changed" | "unchanged" | "pruned" | "kept" | "conflict" | "refused" | "not applied";
  /** Why it was kept or not taken. */
  readonly message?: string;
  readonly advice?: string;
}

const TROUBLE = new Set(["conflict", "refused", "not applied"]);
/** Whether an object did not get to where the manifests want it. */
export const isTrouble = ({ outcome }: Applied): boolean => TROUBLE.has(outcome);
