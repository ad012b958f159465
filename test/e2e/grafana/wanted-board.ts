/** A query of a panel, in the words of Grafana's JSON. */
export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly [key: string]: unknown;
}

interface PanelJson {
  readonly type: string;
  readonly title?: string;
  readonly targets?: readonly Target[];
  readonly panels?: readonly PanelJson[];
}

/** A dashboard's JSON, as far as it is compared and asked. */
export interface BoardJson {
  readonly uid: string;
  readonly title: string;
  readonly panels?: readonly PanelJson[];
  readonly templating?: { readonly list?: readonly { readonly name: string; readonly query?: unknown; readonly type?: string }[] };
}

/** A dashboard that Grafana is to have. */
export interface Wanted {
  readonly name: string;
  readonly board: BoardJson;
  /** Imported ones have panels without data, which their import told: they must be there, and are not asked. */
  readonly imported: boolean;
}

/** The panels of a dashboard, those within closed rows too, without the rows. */
export const panelsOf = ({ panels = [] }: Pick<BoardJson, "panels">): PanelJson[] =>
  panels.flatMap((panel) => (panel.type === "row" ? panelsOf(panel) : [panel]));

/** What tells whether two dashboards are the same to a reader: kind, title and queries of each panel. */
const gist = (panel: PanelJson) => JSON.stringify([panel.type, panel.title, (panel.targets ?? []).map(({ expr }) => expr)]);

/** How the dashboard that Grafana has differs from the one that was written, in words; empty when it does not. */
export function differences(wanted: BoardJson, found: BoardJson): string[] {
  const [ours, theirs] = [panelsOf(wanted), panelsOf(found)];
  if (found.title !== wanted.title) return [`its title is '${found.title}', not '${wanted.title}'`];
  if (theirs.length !== ours.length) return [`${theirs.length} panels, not ${ours.length}`];
  return ours.flatMap((panel, index) =>
    gist(panel) === gist(theirs[index] as PanelJson) ? [] : [`'${panel.title}' is another panel there`],
  );
}
