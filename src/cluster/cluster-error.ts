/** A problem that is reported as a message: what was found, and what to do about it. Never shown with a stack trace. */
export class ClusterError extends Error {
  /** @param advice the next step, when there is one that the message does not name itself */
  constructor(
    message: string,
    readonly advice?: string,
  ) {
    super(message);
    this.name = "ClusterError";
  }
}

/** Ctrl-C. It is not a failure: the next run continues from here. */
export class Interrupted extends Error {
  constructor() {
    super("interrupted");
    this.name = "Interrupted";
  }
}
