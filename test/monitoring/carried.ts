import { parser } from "@prometheus-io/lezer-promql";
import { withoutVariables } from "../../src/monitoring/promql.ts";

type Node = ReturnType<typeof parser.parse>["topNode"];

/** Whether the series of a metric have a label. */
export type Has = (metric: string, label: string) => boolean;

/**
 * Whether each line of a query's result has a label, whichever alternative of an `or` it comes from: a fallback without the label
 * is a line without a name, just when it is the only one.
 */
export function carries(query: string, label: string, has: Has): boolean {
  const text = withoutVariables(query);
  return new Carrying(text, label, has).in(parser.parse(text).topNode);
}

/** Functions whose result is a number, not series. */
const NUMBERS = /^(time|scalar|pi|end|start|step|range)\(/;

class Carrying {
  constructor(
    private readonly text: string,
    private readonly label: string,
    private readonly has: Has,
  ) {}

  in(node: Node): boolean {
    if (node.name === "VectorSelector") return this.has(this.metric(node), this.label);
    if (node.name === "BinaryExpr") return this.binary(node);
    if (node.name === "AggregateExpr") return this.aggregate(node);
    if (node.name === "FunctionCall") return this.call(node);
    const inner = node.getChild("Expr"); // what is in parentheses, or before a window
    return inner !== null && this.in(inner);
  }

  private write = (node: Node) => this.text.slice(node.from, node.to);

  private metric(node: Node): string {
    const identifier = node.getChild("Identifier");
    return identifier ? this.write(identifier) : (/__name__="([^"]+)"/.exec(this.write(node))?.[1] ?? "");
  }

  /** Whether the label stands in a list such as `by(a, b)`. */
  private isListed(clause: Node): boolean {
    const listed = clause.getChildren("GroupingLabels").flatMap((list) => list.getChildren("LabelName"));
    return listed.some((one) => this.write(one) === this.label);
  }

  private isNumber(node: Node): boolean {
    if (node.name === "FunctionCall") return NUMBERS.test(this.write(node));
    if (["BinaryExpr", "ParenExpr", "UnaryExpr"].includes(node.name)) return node.getChildren("Expr").every((side) => this.isNumber(side));
    return node.name === "NumberDurationLiteral";
  }

  private binary(node: Node): boolean {
    const [left, right] = node.getChildren("Expr") as [Node, Node];
    if (node.getChild("Or")) return this.in(left) && this.in(right);
    if (node.getChild("And") || node.getChild("Unless")) return this.in(left);
    if (this.isNumber(left)) return this.in(right);
    const matching = node.getChild("MatchingModifierClause");
    if (!matching) return this.in(left);
    if (matching.getChild("GroupLeft")) return this.in(left) || this.isListed(matching);
    if (matching.getChild("GroupRight")) return this.in(right) || this.isListed(matching);
    return (matching.getChild("On") !== null) === this.isListed(matching) && this.in(left);
  }

  private aggregate(node: Node): boolean {
    const inner = node.getChild("FunctionCallBody")?.getChildren("Expr").at(-1);
    const modifier = node.getChild("AggregateModifier");
    const passesOn = modifier
      ? (modifier.getChild("By") !== null) === this.isListed(modifier)
      : /^(topk|bottomk|limitk|limit_ratio)\b/.test(this.write(node));
    return passesOn && inner !== undefined && this.in(inner);
  }

  private call(node: Node): boolean {
    const name = this.write(node).split("(")[0] ?? "";
    const values = node.getChild("FunctionCallBody")?.getChildren("Expr") ?? [];
    if (name === "vector" || name.startsWith("absent")) return false;
    if (name === "histogram_quantile" && this.label === "le") return false;
    const made = /^label_(replace|join)$/.test(name) && values[1] && this.write(values[1]).slice(1, -1);
    return made === this.label || values.some((value) => !this.isNumber(value) && this.in(value));
  }
}
