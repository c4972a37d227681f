#include "agent.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "channel.h"
#include "dispatch.h"
#include "input.h"
#include "link.h"
#include "log.h"
#include "output.h"
#include "port.h"
#include "process.h"
#include "watch.h"

/* As many streams as frames fit into one write: more would only wait. */
enum { EVENTS_PER_TURN = 8 };

static struct watch signals;
static int children_ended;

/* Blocks all signals, so that none has a handler, and has the end of children told by a file descriptor. */
static void setup_signals(void) {
  sigset_t all, child;
  sigfillset(&all);
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_SETMASK, &all, NULL);
  /* What children inherit. */
  for (int number = 1; number < _NSIG; number++) signal(number, SIG_DFL);
  int fd = signalfd(-1, &child, SFD_NONBLOCK | SFD_CLOEXEC);
  if (fd < 0) die("signalfd");
  watch_init(&signals, fd, WATCH_SIGNALS, NULL);
  watch_for(&signals, EPOLLIN);
}

/* WHY: a process's pipe must never get one of the numbers 0 to 2, and nothing that we were given may reach a process. */
static void keep_to_ourselves(void) {
  int fd;
  syscall(SYS_close_range, 3, ~0u, CLOSE_RANGE_CLOEXEC);
  do fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  while (fd >= 0 && fd <= 2);
  if (fd > 2) close(fd);
}

static void note_signal(void) {
  struct signalfd_siginfo info;
  while (read(signals.fd, &info, sizeof info) == sizeof info) continue;
  children_ended = 1;
}

static void reap(void) {
  while (children_ended && link_has_room()) {
    int status;
    pid_t pid = waitpid(-1, &status, WNOHANG);
    struct channel *channel = pid > 0 ? channel_of_process(pid) : NULL;
    if (channel) channel_reaped(channel, status);
    if (pid <= 0) children_ended = 0;
  }
}

static struct output *output_of(const struct watch *watch) {
  if (watch->fd < 0) return NULL;
  if (watch->kind == WATCH_STDOUT) return &watch->channel->out;
  return watch->kind == WATCH_STDERR ? &watch->channel->err : NULL;
}

/* One frame for each stream in turn, again and again until nothing is ready or the write is full. */
static void serve_outputs(struct ready *ready, int count) {
  for (int more = 1; more;) {
    more = 0;
    for (int i = 0; i < count; i++) {
      struct output *output = ready[i].watch ? output_of(ready[i].watch) : NULL;
      if (!output || !(ready[i].events & ~(uint32_t)EPOLLOUT)) continue;
      if (!link_has_room()) return;
      if (output_turn(output->watch.channel, output)) more = 1;
      else ready[i].watch = NULL;
    }
  }
}

static void serve_input(const struct ready *ready) {
  const struct watch *watch = ready->watch;
  int is_pipe = watch->kind == WATCH_STDIN;
  if (watch->fd < 0 || !(is_pipe || (output_of(watch) && ready->events & EPOLLOUT))) return;
  if (link_has_room()) input_turn(watch->channel);
}

static int serve(int link_waits) {
  struct ready ready[EVENTS_PER_TURN];
  int count = watch_wait(ready, EVENTS_PER_TURN, link_waits || children_ended ? 0 : -1);
  /* WHY also when busy: with many streams ready, the link might be the last in the row. */
  int link_ready = link_waits || count == EVENTS_PER_TURN;
  for (int i = 0; i < count; i++) {
    if (ready[i].watch->kind == WATCH_LINK) link_ready = 1;
    if (ready[i].watch->kind == WATCH_SIGNALS) note_signal();
  }
  /* WHY the outputs last: they take all the room there is. */
  reap();
  link_waits = link_ready ? link_receive(dispatch) : 0;
  for (int i = 0; i < count; i++) serve_input(&ready[i]);
  serve_outputs(ready, count);
  channel_sweep();
  return link_waits;
}

void agent_run(const struct agent_options *options) {
  int hosted = options->link_fd >= 0;
  umask(022);
  keep_to_ourselves();
  watch_setup();
  setup_signals();
  process_setup(hosted);
  dispatch_setup(hosted);
  int fd = hosted ? options->link_fd : port_open(options->port);
  if (hosted && fcntl(fd, F_SETFL, O_NONBLOCK) != 0) die("--link-fd");
  link_setup(fd, !hosted);
  dispatch_announce();
  for (int link_waits = 0;;) {
    link_flush();
    if (!link_has_room()) link_wait();
    else link_waits = serve(link_waits);
  }
}
