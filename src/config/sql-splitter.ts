/** A statement of a dump, and the same text of equal length with everything blanked in which no SQL is written. */
export interface Statement {
  /** Bytes as characters of latin1, so that none changes on its way. */
  readonly text: string;
  /** What strings and quoted names hold is filled with other characters; the marks of comments that MySQL runs are spaces. */
  readonly skeleton: string;
  /** Line in the dump where it begins, from 1. */
  readonly line: number;
}

/** What the splitter calls while it reads. */
export interface Reader {
  /** A whole statement without its delimiter. @returns what is sent in its place; undefined: nothing */
  statement(statement: Statement): string | undefined;
  /** An INSERT or REPLACE up to VALUES; its rows follow. @returns what is sent in its place; undefined: nothing, without the rows */
  rows(head: Statement): string | undefined;
  /** The statement of the last head has ended. @param merged whether rows may replace others (ON DUPLICATE KEY UPDATE) */
  counted(rows: number, merged: boolean): void;
  /** A comment of one line, with its marks. */
  comment(text: string): void;
}

/** The dump cannot be read further. */
export class SplitError extends Error {
  constructor(
    readonly reason: "truncated" | "tooLong",
    readonly line: number,
  ) {
    super(`${reason} at line ${line}`);
  }
}

/** What fills a string and a quoted name in a skeleton: characters that no SQL has outside of them. */
const FILLERS = { "'": "\x01", '"': "\x01", "`": "\x02" } as const;
type Quote = keyof typeof FILLERS;
/** The strings and quoted names of a skeleton. A doubled quote ends one and begins the next. */
export const QUOTED = new RegExp(
  Object.entries(FILLERS)
    .map(([quote, filler]) => `(?:${quote}${filler}*${quote})+`)
    .join("|"),
  "g",
);
const isQuote = (char: string): char is Quote => char in FILLERS;
const ENDS: Readonly<Record<Quote, RegExp>> = { "'": /['\\]/g, '"': /["\\]/g, "`": /`/g };

/** Characters of a statement that is kept whole: more than any definition has. Rows are not kept. */
const LONGEST = 16 * 2 ** 20;
/** Characters to look ahead: `/*!999999`, `delimiter `. */
const AHEAD = 10;
/** Characters of a line with DELIMITER. */
const LONGEST_LINE = 256;
/** Characters of an INSERT before its rows: MySQL has up to 4096 columns. */
const LONGEST_HEAD = 2 ** 18;
/** Versions of comments from here on are MariaDB's: MySQL has no version 10. */
const MARIADB = 100_000;

/** An INSERT that continues with rows: neither with a SELECT nor with SET. */
const HEAD = /^\s*(?:INSERT|REPLACE)\b(?![\s\S]*\b(?:SELECT|SET|TABLE|DUPLICATE)\b)[\s\S]*\bVALUES?\s*$/i;

/** How many lines end in a text. */
function linesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

/** The line ends of a text: what is left out keeps them, so that the server counts the dump's own lines. */
const lineEnds = (text: string): string => "\n".repeat(linesIn(text));

/**
 * Splits a dump into its statements while it streams, as mysql's client does: strings, names, comments and DELIMITER. A statement is kept
 * whole, but for the rows of an INSERT: these pass.
 */
export class Splitter {
  private rest = "";
  private mode: "code" | "line" | "comment" | Quote = "code";
  private delimiter = ";";
  private line = 1;
  /** The statement at work, and the line where its text begins. */
  private text = "";
  private skeleton = "";
  private start = 1;
  private comment = "";
  private specials = new Map<string, RegExp>();
  /** Within a comment that MySQL runs. */
  private isRun = false;
  private rows: { sent: boolean; depth: number; count: number; counts: boolean; merged: boolean } | undefined;
  private out: string[] = [];

  constructor(private readonly reader: Reader) {}

  /** Reads on. @returns what goes to the server @throws SplitError */
  write(chunk: string): string {
    this.read(this.rest + chunk, false);
    return this.taken();
  }

  /** The dump has ended. @throws SplitError when it ends within a string, a name or a comment */
  end(): string {
    this.read(this.rest, true);
    if (this.mode === "line") this.endComment();
    if (this.mode !== "code" || this.isRun || (this.rows && this.rows.depth > 0)) throw new SplitError("truncated", this.line);
    this.finish();
    return `${this.taken()}\n`;
  }

  private taken(): string {
    const text = this.out.join("");
    this.out = [];
    return text;
  }

  private read(buffer: string, isLast: boolean): void {
    let at = 0;
    while (at < buffer.length) {
      const next = this.step(buffer, at, isLast);
      if (next === undefined) break; // it takes more to decide
      this.line += linesIn(buffer.slice(at, next));
      at = next;
    }
    this.rest = buffer.slice(at);
  }

  /** Takes one piece. @returns where the next begins; undefined where what follows decides */
  private step(buffer: string, at: number, isLast: boolean): number | undefined {
    if (this.mode === "code") return this.inCode(buffer, at, isLast);
    if (this.mode === "line") return this.inLine(buffer, at);
    if (this.mode === "comment") return this.inComment(buffer, at, isLast);
    return this.inQuotes(this.mode, buffer, at, isLast);
  }

  private inQuotes(quote: Quote, buffer: string, at: number, isLast: boolean): number | undefined {
    const end = ENDS[quote];
    end.lastIndex = at;
    const found = end.exec(buffer);
    const stop = found ? found.index : buffer.length;
    const inside = buffer.slice(at, stop);
    this.add(inside, FILLERS[quote].repeat(this.rows ? 0 : inside.length));
    if (!found) return stop;
    if (found[0] === quote) {
      this.add(quote, quote);
      this.mode = "code"; // a doubled quote begins the next string
      return stop + 1;
    }
    if (stop + 1 >= buffer.length) return isLast ? this.pass(buffer, stop, 1, FILLERS[quote]) : stop > at ? stop : undefined;
    return this.pass(buffer, stop, 2, FILLERS[quote].repeat(2));
  }

  private pass(buffer: string, at: number, length: number, skeleton = buffer.slice(at, at + length)): number {
    this.add(buffer.slice(at, at + length), skeleton);
    return at + length;
  }

  private inLine(buffer: string, at: number): number {
    const end = buffer.indexOf("\n", at);
    const stop = end < 0 ? buffer.length : end;
    this.comment += buffer.slice(at, Math.min(stop, at + LONGEST_LINE));
    if (end >= 0) this.endComment();
    return stop;
  }

  private endComment(): void {
    this.reader.comment(this.comment.trimEnd());
    this.comment = "";
    this.mode = "code";
  }

  private inComment(buffer: string, at: number, isLast: boolean): number | undefined {
    const end = buffer.indexOf("*/", at);
    const stop = end >= 0 ? end + 2 : isLast ? buffer.length : buffer.length - 1; // the last may be half of its end
    if (end >= 0) this.mode = "code";
    const gap = end >= 0 ? `${lineEnds(buffer.slice(at, stop))} ` : lineEnds(buffer.slice(at, stop));
    this.add(gap, gap);
    return stop > at ? stop : undefined;
  }

  /** What is looked at in code. Words count where a statement begins, and between rows. */
  private special(): RegExp {
    const words = (this.rows ? this.rows.depth === 0 : this.text === "") ? "\\w" : "";
    const mark = this.delimiter.charAt(0).replace(/[\\\]^-]/, "\\$&");
    const characters = `['"\`#/*\\r()${words}${mark}-]`;
    const known = this.specials.get(characters) ?? new RegExp(characters, "g");
    this.specials.set(characters, known);
    return known;
  }

  private inCode(buffer: string, at: number, isLast: boolean): number | undefined {
    const special = this.special();
    special.lastIndex = at;
    const found = special.exec(buffer)?.index ?? buffer.length;
    if (found > at) return this.pass(buffer, at, found - at);
    const ahead = buffer.length - at;
    if (!isLast && ahead < Math.max(AHEAD, this.delimiter.length)) return undefined;
    if (buffer.startsWith(this.delimiter, at)) {
      this.finish();
      return at + this.delimiter.length;
    }
    const char = buffer.charAt(at);
    if (isQuote(char)) {
      this.mode = char;
      return this.pass(buffer, at, 1);
    }
    if (char === "\r") {
      this.add(" ", " "); // the client would take it for a part of DELIMITER's mark
      return at + 1;
    }
    if (char === "(" || char === ")") return this.bracket(buffer, at, char);
    if (/\w/.test(char)) return this.word(buffer, at, isLast);
    return this.commentAt(buffer, at) ?? this.pass(buffer, at, 1);
  }

  private commentAt(buffer: string, at: number): number | undefined {
    if (buffer[at] === "#" || /^--(?:\s|$)/.test(buffer.slice(at, at + 3))) {
      this.mode = "line";
      return at + (buffer[at] === "#" ? 1 : 2);
    }
    if (this.isRun && buffer.startsWith("*/", at)) {
      this.isRun = false;
      return this.pass(buffer, at, 2, "  ");
    }
    if (!buffer.startsWith("/*", at)) return undefined;
    const [mark, version = "0"] = /^\/\*!(\d{5,6})?/.exec(buffer.slice(at, at + AHEAD)) ?? [];
    if (mark === undefined || Number(version) >= MARIADB) {
      this.mode = "comment";
      return at + 2;
    }
    this.isRun = true;
    return this.pass(buffer, at, mark.length, " ".repeat(mark.length));
  }

  private bracket(buffer: string, at: number, char: "(" | ")"): number {
    if (!this.rows && char === "(" && this.skeleton.length < LONGEST_HEAD && HEAD.test(this.skeleton)) {
      const { text } = this;
      const head = this.reader.rows(this.statement());
      this.rows = { sent: head !== undefined, depth: 0, count: 0, counts: true, merged: false };
      this.out.push(head ?? lineEnds(text));
      [this.text, this.skeleton] = ["", ""];
    }
    if (this.rows) {
      if (char === "(" && this.rows.depth === 0 && this.rows.counts) this.rows.count++;
      this.rows.depth += char === "(" ? 1 : -1;
    }
    return this.pass(buffer, at, 1);
  }

  private word(buffer: string, at: number, isLast: boolean): number | undefined {
    if (this.rows) {
      // ON DUPLICATE KEY UPDATE, or a name for the row
      if (/^ON\b/i.test(buffer.slice(at, at + 3))) this.rows.merged = true;
      this.rows.counts = false;
      return this.pass(buffer, at, 1);
    }
    if (!/^delimiter[ \t]/i.test(buffer.slice(at, at + AHEAD))) return this.pass(buffer, at, 1);
    const end = buffer.indexOf("\n", at);
    if (end < 0 && !isLast && buffer.length - at < LONGEST_LINE) return undefined;
    const stop = end < 0 ? buffer.length : end;
    const [, mark] = /^delimiter[ \t]+(\S+)/i.exec(buffer.slice(at, stop)) ?? [];
    if (mark === undefined) return this.pass(buffer, at, 1);
    this.finish();
    this.delimiter = mark;
    this.out.push(`DELIMITER ${mark}`);
    return stop;
  }

  private add(text: string, skeleton: string): void {
    if (this.rows) {
      this.out.push(this.rows.sent ? text : lineEnds(text));
      return;
    }
    if (this.text === "") {
      if (text.trim() === "") {
        this.out.push(text);
        return;
      }
      this.start = this.line;
    }
    this.text += text;
    this.skeleton += skeleton;
    if (this.text.length > LONGEST) throw new SplitError("tooLong", this.start);
  }

  private statement(): Statement {
    const { text, skeleton, start } = this;
    const lead = skeleton.length - skeleton.trimStart().length;
    return { text, skeleton, line: start + linesIn(text.slice(0, lead)) };
  }

  private finish(): void {
    if (this.rows) {
      const { sent, count, merged } = this.rows;
      this.rows = undefined;
      this.reader.counted(count, merged);
      if (sent) this.out.push(this.delimiter);
    } else if (this.skeleton.trim() === "") {
      this.out.push(lineEnds(this.text));
    } else {
      const sent = this.reader.statement(this.statement());
      this.out.push(sent === undefined ? lineEnds(this.text) : `${sent}${this.delimiter}`);
    }
    [this.text, this.skeleton] = ["", ""];
  }
}
