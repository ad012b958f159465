import { Option } from "commander";

/** How a tool prints its result: `table` for people, `json` for programs. @default table */
export const outputOption = (): Option =>
  new Option("--output <format>", "how to print the result").choices(["table", "json"]).default("table");
