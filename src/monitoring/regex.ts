/** Whose rules a regular expression follows: Prometheus' (Go's RE2, github.com/google/re2/wiki/Syntax) or Grafana's variables'. */
export type Dialect = "re2" | "javascript";

/** Largest count in `{n,m}` (Go, regexp/syntax: "maximum repeat count"). */
const MOST_REPEATS = 1000;
const REPEAT = /^(?:[*+?]|\{(\d+)(,(\d*))?\})/;
const GROUP: Readonly<Record<Dialect, RegExp>> = {
  re2: /^\?(?:P?<\w+>|[imsU]*(?:-[imsU]+)?:)/,
  javascript: /^\?(?:<\w+>|[ims]*(?:-[ims]+)?:|<?[=!])/,
};
const POSIX = /^\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]/;
const ESCAPE = /^(?:[dDsSwWbBAzafnrtv]|[pP](?:[A-Z]|\{\^?\w+\})|x(?:[\da-fA-F]{2}|\{[\da-fA-F]+\})|0[0-7]{0,2}|[1-7][0-7]{1,2})/;

/** Whether `p{Greek}` or `pL` names a category or a script of Unicode. */
function isUnicodeClass(text: string): boolean {
  const name = text.slice(1).replace(/[{^}]/g, "");
  return [name, `Script=${name}`].some((one) => {
    try {
      return new RegExp(`\\p{${one}}`, "u").unicode; // an unknown name throws
    } catch {
      return false;
    }
  });
}

/** Reads a regular expression by recursive descent. Each method returns whether every text that its part matches holds a ":". */
class Scanner {
  private at = 0;

  constructor(
    private readonly pattern: string,
    private readonly dialect: Dialect,
  ) {}

  whole(): boolean {
    const colon = this.alternatives();
    if (this.at < this.pattern.length) this.fail("unexpected )");
    return colon;
  }

  private fail(why: string): never {
    throw new SyntaxError(`invalid regular expression ${JSON.stringify(this.pattern)}: ${why}`);
  }

  private get rest(): string {
    return this.pattern.slice(this.at);
  }

  /** Takes what stands next, if it is so. */
  private take(what: RegExp): RegExpExecArray | undefined {
    const found = what.exec(this.rest) ?? undefined;
    if (found) this.at += found[0].length;
    return found;
  }

  private alternatives(): boolean {
    let colon = this.sequence();
    while (this.take(/^\|/)) colon = this.sequence() && colon;
    return colon;
  }

  private sequence(): boolean {
    let colon = false;
    while (this.at < this.pattern.length && !/^[|)]/.test(this.rest)) {
      const one = this.atom();
      colon = (this.repeated() && one) || colon;
    }
    return colon;
  }

  /** Takes the repetition of an atom. @returns whether the atom must be there at least once */
  private repeated(): boolean {
    const found = this.take(REPEAT);
    if (!found) return true;
    const [sign, least, , most] = found;
    if ([least, most].some((count) => Number(count ?? 0) > MOST_REPEATS) || (most && Number(most) < Number(least))) {
      this.fail(`invalid repeat count ${sign}`);
    }
    this.take(/^\?/);
    if (REPEAT.test(this.rest)) this.fail(`invalid nested repetition operator at ${this.rest}`);
    return least === undefined ? sign === "+" : Number(least) > 0;
  }

  private atom(): boolean {
    if (REPEAT.test(this.rest)) this.fail(`missing argument to repetition operator at ${this.rest}`);
    if (this.take(/^\(/)) return this.group();
    if (this.take(/^\[/)) return this.characters();
    if (this.take(/^\\/)) return this.escaped() === ":";
    return this.take(/^./s)?.[0] === ":";
  }

  private group(): boolean {
    // Flags for what follows, such as (?i).
    if (this.dialect === "re2" && this.take(/^\?[imsU]+(?:-[imsU]+)?\)|^\?-[imsU]+\)/)) return false;
    const kind = this.take(GROUP[this.dialect])?.[0];
    if (this.rest.startsWith("?")) this.fail(`invalid or unsupported syntax: (${this.rest}`);
    const colon = this.alternatives();
    if (!this.take(/^\)/)) this.fail("missing closing )");
    return colon && !/[=!]$/.test(kind ?? "");
  }

  /** A class, after its `[`. */
  private characters(): boolean {
    const negated = this.take(/^\^/) !== undefined;
    const found: (string | undefined)[] = [];
    // The first ] is a character of it; in JavaScript an empty class is allowed.
    const end = () => this.rest.startsWith("]") && (found.length > 0 || this.dialect === "javascript");
    while (!end()) {
      if (this.at >= this.pattern.length) this.fail("missing closing ]");
      if (this.take(POSIX)) found.push(undefined);
      else found.push(this.character());
    }
    this.at += 1;
    return !negated && found.every((one) => one === ":");
  }

  /** One character or range of a class. @returns the character, if it is a single one */
  private character(): string | undefined {
    const one = this.single();
    if (!/^-[^\]]/.test(this.rest) || one === undefined) return one;
    this.at += 1;
    const other = this.single();
    if (other === undefined || other < one) this.fail(`invalid character class range ${one}-${other ?? "\\"}`);
    return undefined;
  }

  private single = (): string | undefined => (this.take(/^\\/) ? this.escaped() : this.take(/^./su)?.[0]);

  /** After a backslash. @returns the character that is meant, if it is a single one that stands for itself */
  private escaped(): string | undefined {
    if (this.dialect === "re2" && this.take(/^Q/)) {
      const literal = this.take(/^(.*?)(?:\\E|$)/s)?.[1] ?? "";
      return literal.includes(":") ? ":" : undefined;
    }
    const known = this.take(ESCAPE)?.[0];
    if (this.dialect === "re2" && known !== undefined && /^p/i.test(known) && !isUnicodeClass(known)) this.fail(`invalid class \\${known}`);
    if (known !== undefined) return undefined;
    const one = this.take(this.dialect === "re2" ? /^[!-/:-@[-`{-~ ]/ : /^./s)?.[0];
    return one ?? this.fail(this.rest === "" ? "trailing backslash" : `invalid escape sequence \\${this.rest[0]}`);
  }
}

/**
 * Whether every text that a regular expression matches holds a ":".
 *
 * @throws SyntaxError where the expression is none; complete for RE2, not for JavaScript
 */
export const needsColon = (pattern: string, dialect: Dialect): boolean => new Scanner(pattern, dialect).whole();
