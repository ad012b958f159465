import { parser } from "@prometheus-io/lezer-promql";
import { needsColon } from "./regex.ts";

/** A node of the parser's tree. */
type Node = ReturnType<typeof parser.parse>["topNode"];
type Type = "scalar" | "vector" | "matrix" | "string";

const TYPES: Readonly<Record<string, Type>> = { s: "scalar", v: "vector", m: "matrix", t: "string" };

/**
 * Arguments and result of each function that Prometheus has without a feature flag (Prometheus 3.5, promql/parser/functions.go):
 * s scalar, v vector, m range vector, t text; `?` may be left out, `*` as many as one likes.
 */
const SIGNATURES: Readonly<Record<string, string>> = {
  ":s": "pi time",
  "s:v": "vector",
  "v:s": "scalar",
  "v?:v": "days_in_month day_of_month day_of_week day_of_year hour minute month year",
  "v:v": `abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor histogram_avg histogram_count histogram_stddev
    histogram_stdvar histogram_sum ln log10 log2 rad sgn sin sinh sort sort_desc sqrt tan tanh timestamp`,
  "vs?:v": "round",
  "vs:v": "clamp_max clamp_min",
  "vss:v": "clamp",
  "sv:v": "histogram_quantile",
  "ssv:v": "histogram_fraction",
  "vtttt:v": "label_replace",
  "vttt*:v": "label_join",
  "m:v": `absent_over_time avg_over_time changes count_over_time delta deriv idelta increase irate last_over_time max_over_time
    min_over_time present_over_time rate resets stddev_over_time stdvar_over_time sum_over_time`,
  "ms:v": "predict_linear",
  "sm:v": "quantile_over_time",
};
const FUNCTIONS = new Map(Object.entries(SIGNATURES).flatMap(([signature, names]) => names.split(/\s+/).map((name) => [name, signature])));
const AGGREGATIONS: Readonly<Record<string, string>> = { topk: "sv:v", bottomk: "sv:v", quantile: "sv:v", count_values: "tv:v" };
/** Aggregations behind a feature flag. */
const EXPERIMENTAL = new Set(["limitk", "limit_ratio"]);

const COMPARISONS = new Set(["Eql", "Neq", "Gtr", "Lss", "Gte", "Lte"]);
const SETS = new Set(["And", "Or", "Unless"]);
/** What newer parsers read and Prometheus 3.5 does not, or not without a feature flag. */
const NEWER = new Set(["AnchoredExpr", "SmoothedExpr", "FillModifier", "TrimUpper", "TrimLower"]);

const fail = (why: string): never => {
  throw new SyntaxError(why);
};

/** Escapes of Go's strings (Prometheus, util/strutil/quote.go). */
const ESCAPE = /\\(?:([abfnrtv\\'"])|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-3][0-7]{2})|(.?))/gs;
const SINGLE: Readonly<Record<string, string>> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** The text that a PromQL string stands for. @throws SyntaxError where Go knows no such escape, or the string does not end */
export function unquoted(literal: string): string {
  const quote = literal[0] ?? "";
  if (literal.length < 2 || !literal.endsWith(quote)) fail(`unterminated quoted string ${literal}`);
  const inner = literal.slice(1, -1);
  if (quote === "`") return inner;
  return inner.replace(ESCAPE, (whole, one?: string, x?: string, u?: string, U?: string, octal?: string) => {
    const other = quote === '"' ? "'" : '"';
    if (one !== undefined && one !== other) return SINGLE[one] ?? one;
    const code = octal ? Number.parseInt(octal, 8) : Number.parseInt(x ?? u ?? U ?? "", 16);
    if (Number.isNaN(code) || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
      fail(`unknown escape sequence ${whole} in ${literal}: write \\\\ for a backslash`);
    return String.fromCodePoint(code);
  });
}

const children = (node: Node): Node[] => {
  const all: Node[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) all.push(child);
  return all;
};

/** Finds the type of each expression, and what Prometheus' own parser refuses though the grammar allows it. */
class Checker {
  constructor(private readonly text: string) {}

  private source = ({ from, to }: Node): string => this.text.slice(from, to);

  /** The expressions among a node's children. */
  private expressions = (node: Node): Node[] => children(node).filter((one) => one.type.is("Expr"));

  type(node: Node): Type {
    const newer = [node, ...children(node)].find(({ name }) => NEWER.has(name));
    if (newer) fail(`${this.source(newer)} needs a feature flag or a newer Prometheus`);
    switch (node.name) {
      case "NumberDurationLiteral":
        return "scalar";
      case "StringLiteral":
        unquoted(this.source(node));
        return "string";
      case "VectorSelector":
        return this.selector(node);
      case "ParenExpr":
        return this.type(this.only(node));
      case "UnaryExpr":
        return this.wanted(
          this.only(node),
          ["scalar", "vector"],
          "unary expression only allowed on expressions of type scalar or instant vector",
        );
      case "MatrixSelector":
        return this.range(node);
      case "SubqueryExpr":
        this.durations(node);
        this.wanted(this.only(node), ["vector"], "subquery is only allowed on instant vector");
        return "matrix";
      case "OffsetExpr":
      case "StepInvariantExpr":
        return this.shifted(node);
      case "BinaryExpr":
        return this.binary(node);
      case "AggregateExpr":
        return this.aggregate(node);
      case "FunctionCall":
        return this.call(node);
      default:
        return fail(`unexpected ${node.name}`);
    }
  }

  private only = (node: Node): Node => this.expressions(node)[0] ?? fail(`nothing in ${this.source(node)}`);

  private wanted(node: Node, types: readonly Type[], why: string): Type {
    const found = this.type(node);
    return types.includes(found) ? found : fail(`${why}, got ${found} in ${this.source(node)}`);
  }

  private selector(node: Node): Type {
    if (this.source(node).toLowerCase() === "atan2") fail("unexpected atan2");
    const [name, list] = [node.getChild("Identifier"), node.getChild("LabelMatchers")];
    const matchers = list ? children(list) : [];
    const quoted = matchers.filter((one) => one.name === "QuotedLabelName");
    const names = [name, ...quoted, ...matchers.filter((one) => this.label(one) === "__name__")].filter((one) => one !== null);
    if (name && names.length > 1) fail(`metric name must not be set twice: ${this.source(node)}`);
    const filled = matchers.filter((one) => this.fills(one));
    if (!name && filled.length + quoted.length === 0) {
      fail("vector selector must contain at least one non-empty matcher");
    }
    return "vector";
  }

  private label(matcher: Node): string | undefined {
    const name = matcher.getChild("LabelName");
    if (name) return this.source(name);
    const quoted = matcher.getChild("QuotedLabelName");
    return quoted ? unquoted(this.source(quoted)) : undefined;
  }

  /** Checks a matcher. @returns whether it keeps out series that lack the label */
  private fills(matcher: Node): boolean {
    const [operator, value] = [matcher.getChild("MatchOp"), matcher.getChild("StringLiteral")];
    if (!operator || !value) return false;
    const text = unquoted(this.source(value));
    const sign = this.source(operator);
    if (sign.includes("~")) needsColon(text, "re2");
    const empty = sign.includes("~") ? matches(text, "") : text === "";
    return sign.startsWith("!") ? empty : !empty;
  }

  private durations(node: Node): void {
    for (const one of children(node).filter(({ name }) => name === "DurationExpr")) {
      if (!/^[\d.]/.test(this.source(one)) || children(one).length !== 1)
        fail(`${this.source(one)} is a calculated duration, which needs a feature flag`);
      if (/^(0\D*)+$/.test(this.source(one))) fail("duration must be greater than 0");
    }
  }

  private range(node: Node): Type {
    this.durations(node);
    const inner = this.only(node);
    if (inner.name !== "VectorSelector") fail(`ranges only allowed for vector selectors: ${this.source(node)}`);
    this.type(inner);
    return "matrix";
  }

  private shifted(node: Node): Type {
    const by = this.source(node.lastChild ?? node);
    if (node.name === "OffsetExpr" ? !/^[-+]?\s*[\d.]/.test(by) : /inf|nan/i.test(by)) fail(`${by} is not allowed in ${this.source(node)}`);
    let inner = this.only(node);
    const type = this.type(inner);
    while (["OffsetExpr", "StepInvariantExpr"].includes(inner.name)) {
      if (inner.name === node.name)
        fail(`${node.name === "OffsetExpr" ? "offset" : "@"} may not be set multiple times: ${this.source(node)}`);
      inner = this.only(inner);
    }
    if (!["VectorSelector", "MatrixSelector", "SubqueryExpr"].includes(inner.name)) {
      fail(`offset and @ must be preceded by a selector or a subquery: ${this.source(node)}`);
    }
    return type;
  }

  private binary(node: Node): Type {
    const [left, right] = this.expressions(node) as [Node, Node];
    const types = [left, right].map((one) =>
      this.wanted(one, ["scalar", "vector"], "binary expression must contain only scalar and instant vector types"),
    );
    const names = new Set(children(node).map(({ name }) => name));
    const [compares, sets] = [[...names].some((name) => COMPARISONS.has(name)), [...names].some((name) => SETS.has(name))];
    const scalars = types.filter((type) => type === "scalar").length;
    if (names.has("BoolModifier") && !compares) fail(`bool modifier can only be used on comparison operators: ${this.source(node)}`);
    if (compares && scalars === 2 && !names.has("BoolModifier"))
      fail(`comparisons between scalars must use BOOL modifier: ${this.source(node)}`);
    if (sets && scalars > 0) fail(`set operator not allowed in binary scalar expression: ${this.source(node)}`);
    const matching = node.getChild("MatchingModifierClause");
    if (matching) this.matching(matching, sets, scalars);
    return scalars === 2 ? "scalar" : "vector";
  }

  private matching(clause: Node, sets: boolean, scalars: number): void {
    if (scalars > 0) fail("vector matching only allowed between instant vectors");
    const grouped = clause.getChild("GroupLeft") ?? clause.getChild("GroupRight");
    if (!grouped) return;
    if (sets) fail("no grouping allowed for set operations");
    const [on = [], group = []] = clause.getChildren("GroupingLabels").map((one) => children(one).map(this.source));
    const both = clause.getChild("On") ? on.find((label) => group.includes(label)) : undefined;
    if (both) fail(`label ${both} must not occur in ON and GROUP clause at once`);
  }

  private aggregate(node: Node): Type {
    const name = this.source(node.getChild("AggregateOp") ?? node).toLowerCase();
    if (EXPERIMENTAL.has(name)) fail(`${name}() is experimental and must be enabled with a feature flag`);
    return this.applied(name, AGGREGATIONS[name] ?? "v:v", node);
  }

  private call(node: Node): Type {
    const name = this.source(node.getChild("FunctionIdentifier") ?? node);
    return this.applied(name, FUNCTIONS.get(name) ?? fail(`unknown function ${name}, or one behind a feature flag`), node);
  }

  /** Holds arguments against a signature. */
  private applied(name: string, signature: string, node: Node): Type {
    const body = node.getChild("FunctionCallBody");
    const found = body ? this.expressions(body) : [];
    const [wanted = "", result = ""] = signature.split(":");
    const letters = wanted.replace(/[?*]/g, "");
    const least = letters.length - (letters === wanted ? 0 : 1);
    if (found.length < least || (found.length > letters.length && !wanted.endsWith("*"))) {
      fail(`expected ${least} argument(s) in call to "${name}", got ${found.length}`);
    }
    for (const [index, argument] of found.entries()) {
      const type = TYPES[letters[Math.min(index, letters.length - 1)] ?? ""] as Type;
      this.wanted(argument, [type], `expected type ${type === "matrix" ? "range vector" : type} in call to "${name}"`);
    }
    return TYPES[result] as Type;
  }
}

/** Whether a regular expression matches a whole text; one that JavaScript cannot read counts as if it did. */
export function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, "s").test(text);
  } catch {
    return true;
  }
}

/** A character that Prometheus takes neither for a space nor for a part of a query, outside of strings and comments. */
export const strangeCharacter = (query: string): string | undefined =>
  /[^\t\n\r -~]/u.exec(query.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|#[^\n]*/g, ""))?.[0];

/**
 * Parses a query as the deployed Prometheus does: grammar, characters, strings, regular expressions and types.
 *
 * @throws SyntaxError with the reason, where Prometheus would refuse the query
 */
export function assertPromql(query: string): void {
  const strange = strangeCharacter(query);
  if (strange) fail(`unexpected character ${JSON.stringify(strange)}`);
  const { topNode } = parser.parse(query);
  topNode.cursor().iterate(({ type, from }) => {
    if (type.isError)
      fail(from < query.trimEnd().length ? `unexpected ${JSON.stringify(query.slice(from, from + 20))}` : "unexpected end of input");
  });
  const expression = topNode.firstChild ?? fail("no expression");
  new Checker(query).type(expression.type.is("Expr") ? expression : (topNode.getChild("Expr") ?? fail("no expression")));
}
