import { withLock } from "../../tools/common/lock.ts";
import { NODE } from "./layout.ts";

/** Runs `work` while no other start or stop of the node runs on this machine. */
export const exclusively = <T>(work: () => Promise<T>): Promise<T> =>
  withLock(`/run/${NODE}.lock`, () => void process.stderr.write("… waiting for another start or stop of the node\n"), work);
