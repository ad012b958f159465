/** Why something does not come up: in words, and what to do. */
export interface Trouble {
  readonly what: string;
  readonly advice?: string;
}
