import { dashboards as say } from "../../messages/dashboards.ts";
import { type Json, refuse } from "./model.ts";

/** Larger than any dashboard is; read before it is parsed. */
const MAX_BYTES = 5 * 2 ** 20;

/** Whether a JSON value is an object. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether a panel anywhere below is kept in another Grafana's library, and so not in this file. */
function hasLibraryPanel(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasLibraryPanel);
  if (!isObject(value)) return false;
  return isObject(value.libraryPanel) || Object.values(value).some(hasLibraryPanel);
}

/** The dashboard within the envelope of Grafana's API, or of a Kubernetes resource, whose name is the dashboard's uid. */
function unwrapped(parsed: Record<string, unknown>): Record<string, unknown> {
  if (isObject(parsed.dashboard)) return parsed.dashboard;
  if (typeof parsed.apiVersion !== "string" || !isObject(parsed.spec)) return parsed;
  const name = isObject(parsed.metadata) ? parsed.metadata.name : undefined;
  return { ...(typeof name === "string" ? { uid: name } : {}), ...parsed.spec };
}

/**
 * Reads a dashboard of the classic schema, with or without the envelope of Grafana's API or of a resource such as dashboard.grafana.app/v1beta1.
 *
 * @throws EnvironmentError for anything else, with what to do
 */
export function readDashboard(text: string, source: string): Json {
  if (text.length > MAX_BYTES) refuse(source, say.tooLarge(MAX_BYTES));
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    refuse(source, say.noJson((error as Error).message));
  }
  if (!isObject(parsed)) return refuse(source, say.noDashboard);
  const dashboard = unwrapped(parsed);
  if (isObject(dashboard.elements)) refuse(source, say.newSchema(String(parsed.apiVersion ?? "v2")));
  if (typeof dashboard.title !== "string" || !(Array.isArray(dashboard.panels) || Array.isArray(dashboard.rows)))
    refuse(source, say.noDashboard);
  if (hasLibraryPanel(dashboard.panels ?? dashboard.rows)) refuse(source, say.libraryPanels);
  return dashboard;
}
