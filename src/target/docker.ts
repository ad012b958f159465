/**
 * The Docker daemon that `npm run cluster -- docker` starts where no init system does; as DOCKER_HOST has it.
 */
export const OWN_DOCKER = "unix:///run/cloudnova-docker/docker.sock";
