import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { bytes } from "../../src/compose/canonical.ts";
import type { Project, Service } from "../../src/compose/model.ts";
import { seconds } from "../../src/compose/runtime.ts";

/** Projects of Compose files in every form that the import reads, each in a folder of its own. */
export const FIXTURES = join("test", "fixtures", "compose");

/** The shell in which they are loaded. */
export const SHELL = { PATH: process.env.PATH ?? "", HOME: "/home/someone", FROM_SHELL: "shell" };

/** The files of a fixture. */
export const filesOf = (name: string): string[] =>
  ["compose.yaml", "docker-compose.yml", "compose.override.yaml"]
    .map((file) => join(process.cwd(), FIXTURES, name, file))
    .filter((file) => existsSync(file));

const size = (value: unknown) => (value === undefined ? undefined : bytes(value));
const time = (value: string | undefined) => (value === undefined ? undefined : seconds(value));
const limits = (one: { cpus?: unknown; memory?: unknown } | undefined) =>
  one && { cpus: one.cpus === undefined ? undefined : Number(one.cpus), memory: size(one.memory) };

function service(
  { build, deploy, healthcheck, depends_on: depends, networks, ...rest }: Service,
  within: (value: unknown) => unknown,
): unknown {
  const { image, command, entrypoint, environment, ports, expose, volumes, user, secrets, configs, labels, links, profiles, tmpfs, scale } =
    rest;
  return within({
    image,
    command: command ?? undefined,
    entrypoint: entrypoint ?? undefined,
    environment,
    expose,
    user,
    labels,
    links,
    profiles,
    tmpfs,
    scale,
    build: build && { context: build.context, dockerfile: build.dockerfile, target: build.target, args: build.args },
    ports: ports?.map(({ target, published, protocol, host_ip: host }) => ({ target, published, protocol, host })),
    volumes: volumes?.map(({ type, source, target, read_only: readOnly }) => ({ type, source, target, readOnly })),
    secrets: secrets?.map(({ source, target }) => ({ source, target })),
    configs: configs?.map(({ source, target }) => ({ source, target: target ?? `/${source}` })),
    depends:
      depends &&
      Object.entries(depends)
        .map(([name, { condition }]) => [name, condition])
        .sort(),
    aliases: Object.values(networks ?? {}).flatMap((network) => network?.aliases ?? []),
    // A healthcheck of nothing but `disable` counts as none.
    healthcheck: healthcheck?.test && {
      test: healthcheck.test,
      interval: time(healthcheck.interval),
      start: time(healthcheck.start_period),
      retries: healthcheck.retries,
    },
    deploy: deploy && {
      replicas: deploy.replicas === undefined ? undefined : Number(deploy.replicas),
      labels: deploy.labels,
      limits: limits(deploy.resources?.limits),
      reservations: limits(deploy.resources?.reservations),
    },
    memory: size(rest.mem_limit),
    cpus: rest.cpus === undefined ? undefined : Number(rest.cpus),
    grace: time(rest.stop_grace_period),
  });
}

/**
 * What the import reads of a project, with sizes and times as numbers, and paths from the repository: equal for two loaders that agree.
 */
export function projection({ name, services, secrets, configs }: Pick<Project, "name" | "services" | "secrets" | "configs">): unknown {
  const here = process.cwd();
  const within = (value: unknown) =>
    JSON.parse(JSON.stringify(value ?? null), (_, one: unknown) =>
      typeof one === "string" && one.startsWith(`${here}/`) ? relative(here, one) : one,
    ) as unknown;
  const files = (given: Project["secrets"]) =>
    Object.fromEntries(Object.entries(given ?? {}).map(([key, { file, environment }]) => [key, { file, environment }]));
  return within({
    name,
    services: Object.fromEntries(Object.entries(services).map(([key, one]) => [key, service(one, within)])),
    secrets: files(secrets),
    configs: files(configs as Project["secrets"]),
  });
}
