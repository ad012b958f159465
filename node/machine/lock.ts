import { withLock } from "../../tools/common/lock.ts";
import { HOME } from "./layout.ts";

/** Runs `work` while no other start or stop of the node runs on this machine. */
export const exclusively = <T>(work: () => Promise<T>): Promise<T> =>
  withLock(`${HOME}.lock`, () => void process.stderr.write("… waiting for another start or stop of the node\n"), work);
