import { stringify } from "yaml";
import { serverScript as words } from "../messages/server.ts";
import { inQuotes } from "../shell.ts";
import { K3S_INSTALL_SCRIPT, K3S_RELEASE, K3S_VERSION } from "../versions.ts";
import prepare from "./files/prepare.sh";
import type { ServerSettings } from "./settings.ts";

/** Smallest root file system beside a data volume, MiB: 2.5 GiB of Ubuntu, 1 of swap, logs, and room for updates. A root disk of 8 GiB has it. */
const ROOT_DISK = 6 * 1024;

/** How long to wait for the data volume, s: CloudFormation attaches it after the machine has started. */
const VOLUME_WAIT = 600;

/** k3s' own configuration file, without the node's name. Thresholds of eviction are k3s' defaults (docs/decisions/0011-kind-runs-the-tests.md). */
const k3sConfig = ({ tlsSans, autoscaled }: ServerSettings): string =>
  stringify({
    ...(tlsSans.length > 0 ? { "tls-san": tlsSans } : {}),
    "secrets-encryption": true,
    ...(autoscaled ? {} : { disable: ["metrics-server"] }),
    // At most 30 MiB for each container; the kubelet's default is 50.
    "kubelet-arg": ["container-log-max-size=10Mi", "container-log-max-files=3"],
  }).trimEnd();

function variables(settings: ServerSettings): string[] {
  const { nodeName, memory, disk, dataVolume = [], offsite } = settings;
  const texts = {
    K3S_VERSION,
    RELEASE: K3S_RELEASE,
    INSTALLER: K3S_INSTALL_SCRIPT,
    NODE_NAME: nodeName,
    K3S_CONFIG: k3sConfig(settings),
    OFFSITE: offsite ? [offsite.bucket, offsite.prefix, offsite.environment].filter(Boolean).join("/") : "",
    OFFSITE_REGION: offsite?.region ?? "",
    ...Object.fromEntries(Object.entries(words).map(([key, text]) => [`M_${key.replace(/[A-Z]/g, "_$&").toUpperCase()}`, text])),
  };
  return [
    ...Object.entries(texts).map(([name, text]) => `${name}=${inQuotes(text)}`),
    `DATA_VOLUME=(${dataVolume.map(inQuotes).join(" ")})`,
    ...Object.entries({ MEMORY: memory, DISK: disk, ROOT_DISK, VOLUME_WAIT }).map(([name, number]) => `${name}=${number}`),
  ];
}

/**
 * A bash script that makes a server of Ubuntu or Debian ready for an environment: k3s in the pinned version, swap, limits of logs,
 * security updates, the data volume. It can be run again at any time. Its messages are in the language of the command line.
 */
export const serverScript = (settings: ServerSettings): string =>
  ["#!/bin/bash", `# CloudNova: prepares a server for k3s ${K3S_VERSION}.`, ...variables(settings), prepare].join("\n");

/** The same as user data for cloud-init, which runs it once, at the machine's first start. */
export const cloudInit = (settings: ServerSettings): string => {
  const path = "/usr/local/sbin/cloudnova-server";
  const file = { path, owner: "root:root", permissions: "0755", content: serverScript(settings) };
  return `#cloud-config\n${stringify({ write_files: [file], runcmd: [[path]] }, { lineWidth: 0 })}`;
};
