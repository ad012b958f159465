import { parser } from "@prometheus-io/lezer-promql";
import { unquoted } from "./valid.ts";

/** One condition of a selector, such as `job=~"a|b"`. */
export interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

/** A metric that a query asks for, with the labels that it names. */
export interface Selector {
  readonly metric: string;
  /** Each condition but the metric's name; a label may have several. */
  readonly matchers: readonly Matcher[];
  /** The last matcher of each label, such as `job` → `=~"a|b"`. */
  readonly labels: ReadonlyMap<string, { readonly operator: string; readonly value: string }>;
  /** The selector alone, which is a query too: `x_total{job="p"}`. */
  readonly text: string;
}

/**
 * What Grafana puts in its variables' place, so that a query of a panel is PromQL.
 *
 * @param window for `$__rate_interval` and its like
 */
export function withoutVariables(query: string, window = "5m"): string {
  return query.replaceAll(/\$__(rate_interval|interval|range)\b/g, window).replaceAll(/\$\{?\w+\}?/g, ".*");
}

/** The parser's cursor on one node. */
interface Cursor {
  readonly name: string;
  readonly parent: string | undefined;
  readonly text: string;
}

/** Collects selectors from the nodes of a query, in the order of its text. */
class Collector {
  readonly found: { metric: string; matchers: Matcher[]; labels: Map<string, { operator: string; value: string }>; text: string }[] = [];
  /** Labels that are named anywhere: by a selector, or by what groups or joins. */
  readonly named = new Set<string>();
  private label = "";
  private operator = "";

  visit({ name, parent, text }: Cursor): void {
    if (name === "VectorSelector") this.found.push({ metric: "", matchers: [], labels: new Map(), text });
    else if (name === "LabelName") this.mention(text);
    else if (name === "MatchOp") this.operator = text;
    else if (name === "Identifier" && parent === "VectorSelector") this.name(text);
    else if (name === "QuotedLabelName" && parent === "LabelMatchers") this.name(unquoted(text));
    else if (name === "QuotedLabelName") this.mention(unquoted(text));
    else if (name === "StringLiteral" && parent?.endsWith("LabelMatcher")) this.match(unquoted(text));
  }

  private mention(label: string): void {
    this.label = label;
    this.named.add(label);
  }

  private name(metric: string): void {
    const current = this.found.at(-1);
    if (current) current.metric = metric;
  }

  private match(value: string): void {
    const { label, operator } = this;
    if (label === "__name__") {
      // A pattern names no metric.
      if (operator === "=") this.name(value);
      return;
    }
    const current = this.found.at(-1);
    current?.matchers.push({ label, operator, value });
    current?.labels.set(label, { operator, value });
  }
}

/** @throws SyntaxError where the query is no PromQL */
function collected(query: string): Collector {
  const text = withoutVariables(query);
  const collector = new Collector();
  parser.parse(text).iterate({
    enter({ name, type, from, to, node }) {
      if (type.isError) throw new SyntaxError(`no PromQL at "${text.slice(from, from + 20)}": ${query}`);
      collector.visit({ name, parent: node.parent?.name, text: text.slice(from, to) });
    },
  });
  return collector;
}

/** Every selector of a query, in its order; throws where the query is no PromQL. */
export const selectors = (query: string): Selector[] => collected(query).found;

/** Every label that a query names: in a selector, or where it groups or joins. */
export const labelNames = (query: string): string[] => [...collected(query).named];
