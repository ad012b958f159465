/*
 * Stands where a program that cannot be had would run: takes its memory, page by page, and answers its probes.
 * Environment: BALLAST_MIB (default 160), BALLAST_PORT (default 3000). GET /metrics is answered with its size as a
 * metric, every other request with a JSON that says what this is.
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What the program itself takes: all of it together is to be what was asked for, not a page more. */
static const size_t OWN = 2u << 20;

static void end(int signal) {
  (void)signal;
  _exit(0);
}

static long number(const char *name, long otherwise) {
  const char *text = getenv(name);
  return text && *text ? strtol(text, 0, 10) : otherwise;
}

int main(void) {
  signal(SIGINT, end);
  signal(SIGTERM, end);
  signal(SIGPIPE, SIG_IGN);
  size_t bytes = ((size_t)number("BALLAST_MIB", 160) << 20) - OWN;
  char *memory = malloc(bytes);
  if (!memory) return perror("ballast: malloc"), 1;
  for (size_t at = 0; at < bytes; at += 4096) ((volatile char *)memory)[at] = 1;

  int one = 1, server = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(number("BALLAST_PORT", 3000))};
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 16)) return perror("ballast: port"), 1;

  struct timeval patience = {.tv_sec = 2};
  for (;;) {
    char request[4096] = "", body[128], answer[512];
    int client = accept(server, 0, 0);
    if (client < 0) continue;
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ssize_t got = read(client, request, sizeof request - 1);
    int metrics = !strncmp(request, "GET /metrics", 12);
    int size = snprintf(body, sizeof body, metrics ? "ballast_bytes %zu\n" : "{\"database\":\"ok\",\"version\":\"ballast\",\"bytes\":%zu}\n", bytes);
    int length = snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
                          metrics ? "text/plain; version=0.0.4" : "application/json", size, body);
    if (got > 0 && write(client, answer, (size_t)length) < 0) perror("ballast: answer");
    close(client);
  }
}
