#include "power.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "log.h"

/* The signals are those of BusyBox's init. Ctrl-Alt-Del comes as SIGINT. */
static const struct {
  int signal;
  const char *name;
  int how;
} requests[] = {
    {SIGUSR1, "halt", RB_HALT_SYSTEM},
    {SIGUSR2, "poweroff", RB_POWER_OFF},
    {SIGTERM, "reboot", RB_AUTOBOOT},
    {SIGINT, "reboot", RB_AUTOBOOT},
};

enum { REQUESTS = sizeof requests / sizeof *requests, GRACE_MS = 2000, KILL_MS = 500 };

int power_command(const char *name) {
  for (int i = 0; i < REQUESTS; i++)
    if (strcmp(requests[i].name, name) == 0) return requests[i].signal;
  return 0;
}

int power_ask(int signal) {
  if (kill(1, signal) == 0) return 0;
  perror("warmboot: asking process 1");
  return 1;
}

int power_is_request(int signal) {
  for (int i = 0; i < REQUESTS; i++)
    if (requests[i].signal == signal) return 1;
  return 0;
}

/* Reaps until no process is left, or the time is over. */
static void reap_all(int limit_ms) {
  struct timespec end, now, pause = {.tv_nsec = 5 * 1000 * 1000};
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += limit_ms / 1000;
  do {
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) continue;
    if (pid < 0 && errno == ECHILD) return;
    nanosleep(&pause, NULL);
    clock_gettime(CLOCK_MONOTONIC, &now);
  } while (now.tv_sec <= end.tv_sec);
}

void power_down(int signal, pid_t agent) {
  int which = 0;
  while (which < REQUESTS - 1 && requests[which].signal != signal) which++;
  log_line("%s", requests[which].name);
  if (agent > 0) kill(agent, SIGKILL);
  kill(-1, SIGTERM);
  kill(-1, SIGCONT);
  reap_all(GRACE_MS);
  kill(-1, SIGKILL);
  reap_all(KILL_MS);
  sync();
  mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL);
  reboot(requests[which].how);
  log_line("%s: %s", requests[which].name, strerror(errno));
  for (;;) pause();
}
