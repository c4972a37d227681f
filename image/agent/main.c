/*
 * One program: as process 1 it is the machine's init; named poweroff, halt or reboot it asks init for that; otherwise it is the
 * agent, or by its first argument one of the programs that the host has the agent start.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent.h"
#include "files.h"
#include "init.h"
#include "power.h"

static void usage(void) {
  fputs("usage: warmboot-agent [--link-fd N | --port PATH]\n"
        "       warmboot-agent files | ports | watch [--recursive] PATH\n"
        "  --link-fd N   talk over this open file descriptor; the machine's clock and random pool are left alone\n"
        "  --port PATH   talk over this virtio port instead of looking for one\n"
        "  files         serve files on stdin and stdout\n"
        "  ports         tell on stdout which TCP ports are listened on\n"
        "  watch         tell on stdout what changes at PATH, with --recursive also below its directories\n",
        stderr);
  exit(2);
}

static int parse_fd(const char *text) {
  char *end;
  errno = 0;
  long fd = strtol(text, &end, 10);
  if (errno || end == text || *end || fd < 3 || fd > 1 << 20) usage();
  return (int)fd;
}

/* Runs the named program and returns its exit status, or -1 when there is none of that name. */
static int run_subcommand(int argc, char **argv) {
  const char *name = argc > 1 ? argv[1] : "";
  if (strcmp(name, "files") == 0 && argc == 2) return files_run();
  if (strcmp(name, "ports") == 0 && argc == 2) return ports_run();
  if (strcmp(name, "watch") == 0 && argc == 3) return watch_run(argv[2], 0);
  if (strcmp(name, "watch") == 0 && argc == 4 && strcmp(argv[2], "--recursive") == 0) return watch_run(argv[3], 1);
  return -1;
}

int main(int argc, char **argv) {
  const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
  int power = argc > 0 ? power_command(slash ? slash + 1 : argv[0]) : 0;
  if (getpid() == 1) init_run();
  if (power) return power_ask(power);

  int status = run_subcommand(argc, argv);
  if (status >= 0) return status;
  struct agent_options options = {.link_fd = -1};
  for (int i = 1; i < argc; i++) {
    if (i + 1 == argc) usage();
    if (strcmp(argv[i], "--link-fd") == 0) options.link_fd = parse_fd(argv[++i]);
    else if (strcmp(argv[i], "--port") == 0) options.port = argv[++i];
    else usage();
  }
  agent_run(&options);
}
