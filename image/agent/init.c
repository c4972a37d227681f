#include "init.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "agent.h"
#include "log.h"
#include "machine.h"
#include "network.h"
#include "port.h"
#include "power.h"
#include "text_file.h"

#define RC "/etc/warmboot/rc"
#define CONSOLE_OPTION "warmboot.console"

enum {
  PORT_WAIT_MS = 5000,      /* without a port after this, a person needs the console */
  RESTART_PAUSE_MS = 1000,  /* between two starts of the same thing */
  CMDLINE_LIMIT = 64 * 1024,
};

/* Something that runs for as long as the machine does. `due`: when to start it (again); 0: it runs, or is not wanted. */
struct service {
  const char *name;
  void (*run)(void);
  pid_t pid;
  int64_t due, started;
};

static int64_t now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void restore_signals(void) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static void run_agent(void) {
  prctl(PR_SET_NAME, "warmboot-agent");
  struct agent_options options = {.link_fd = -1};
  agent_run(&options);
}

static int open_stream(const char *path, int flags, int from, int to) {
  int fd = open(path, flags);
  if (fd < 0) return -1;
  for (int i = from; i <= to; i++) dup2(fd, i);
  if (fd > 2) close(fd);
  return 0;
}

static void run_network(void) {
  restore_signals();
  prctl(PR_SET_NAME, "warmboot-net");
  network_run();
}

/* A root shell on the console, for a machine that was booted without our host, or on request. */
static void run_console(void) {
  restore_signals();
  setsid();
  open_stream("/dev/console", O_RDWR, 0, 2);
  ioctl(0, TIOCSCTTY, 1);
  char *environment[] = {"HOME=/root", "USER=root", "LOGNAME=root", "SHELL=/bin/bash", "TERM=linux", "LANG=C.UTF-8",
                         "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL};
  if (chdir("/root") != 0 && chdir("/") != 0) log_line("no root directory");
  execve("/bin/bash", (char *[]){"-bash", NULL}, environment);
  execve("/bin/sh", (char *[]){"-sh", NULL}, environment);
  die("/bin/sh");
}

static void run_rc(void) {
  restore_signals();
  setsid();
  open_stream("/dev/null", O_RDONLY, 0, 0);
  char *environment[] = {"HOME=/root", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL};
  execve(RC, (char *[]){RC, NULL}, environment);
  die(RC);
}

static pid_t fork_to(void (*run)(void)) {
  pid_t pid = fork();
  if (pid == 0) {
    run();
    _exit(1);
  }
  if (pid < 0) log_line("fork: %s", strerror(errno));
  return pid;
}

static void start_if_due(struct service *service) {
  if (!service->due || service->due > now_ms()) return;
  service->started = now_ms();
  service->pid = fork_to(service->run);
  service->due = service->pid < 0 ? service->started + RESTART_PAUSE_MS : 0;
}

static void ended(struct service *service, int status) {
  log_line("%s ended (status %#x), starting it again", service->name, status);
  service->pid = 0;
  int64_t earliest = service->started + RESTART_PAUSE_MS;
  service->due = earliest > now_ms() ? earliest : now_ms();
}

static int console_requested(void) {
  char *text = read_text_file("/proc/cmdline", CMDLINE_LIMIT);
  int found = text && strstr(text, CONSOLE_OPTION);
  free(text);
  return found;
}

/* Waits for a signal, at most until the earliest of the times that is set. Returns its number, or 0. */
static int wait_for_signal(const int64_t *times, int count) {
  int64_t earliest = 0;
  for (int i = 0; i < count; i++)
    if (times[i] && (!earliest || times[i] < earliest)) earliest = times[i];
  sigset_t all;
  sigfillset(&all);
  int64_t left = earliest ? earliest - now_ms() : 0;
  if (left < 0) left = 0;
  struct timespec time = {.tv_sec = (time_t)(left / 1000), .tv_nsec = (long)(left % 1000) * 1000000};
  int number = earliest ? sigtimedwait(&all, NULL, &time) : sigwaitinfo(&all, NULL);
  return number < 0 ? 0 : number;
}

static __attribute__((noreturn)) void serve(struct service *agent, struct service *network, struct service *console,
                                            int64_t port_deadline) {
  char path[300];
  for (;;) {
    start_if_due(agent);
    start_if_due(network);
    start_if_due(console);
    if (port_deadline && port_deadline <= now_ms()) {
      port_deadline = 0;
      if (!port_find(path, sizeof path)) {
        log_line("no port to the host: a shell on the console");
        console->due = now_ms();
        continue;
      }
    }
    int number = wait_for_signal((int64_t[]){agent->due, network->due, console->due, port_deadline}, 4);
    if (power_is_request(number)) power_down(number, agent->pid);
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
      if (pid == agent->pid) ended(agent, status);
      if (pid == network->pid) ended(network, status);
      if (pid == console->pid) ended(console, status);
    }
  }
}

void init_run(void) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  machine_mount();
  if (fcntl(0, F_GETFD) < 0 || fcntl(2, F_GETFD) < 0) open_stream("/dev/console", O_RDWR | O_NOCTTY, 0, 2);
  machine_configure();
  reboot(RB_DISABLE_CAD);

  int64_t now = now_ms();
  if (now == 0) now = 1;
  int wanted = console_requested();
  struct service agent = {.name = "the agent", .run = run_agent, .due = now};
  int has_card = access("/sys/class/net/eth0", F_OK) == 0;
  struct service network = {.name = "the network", .run = run_network, .due = has_card ? now : 0};
  struct service console = {.name = "the console's shell", .run = run_console, .due = wanted ? now : 0};
  start_if_due(&agent);
  if (access(RC, X_OK) == 0) fork_to(run_rc);
  serve(&agent, &network, &console, wanted ? 0 : now + PORT_WAIT_MS);
}
