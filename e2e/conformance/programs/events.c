// epoll, inotify, eventfd, timerfd, signalfd, poll and select.
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

static int watch(int epoll, int fd, unsigned events) {
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = events, .data.fd = fd});
}

CHECK("epoll tells which of two pipes has data") {
  int a[2], b[2], epoll = OK(epoll_create1(0));
  struct epoll_event event;
  OK(pipe(a));
  OK(pipe(b));
  OK(watch(epoll, a[0], EPOLLIN));
  OK(watch(epoll, b[0], EPOLLIN));
  EQUAL(epoll_wait(epoll, &event, 1, 0), 0);
  OK(write(b[1], "x", 1));
  EQUAL(epoll_wait(epoll, &event, 1, -1), 1);
  EQUAL(event.data.fd, b[0]);
  EQUAL(event.events, EPOLLIN);
}

CHECK("level-triggered epoll tells again what was not read") {
  int ends[2], epoll = OK(epoll_create1(0));
  struct epoll_event event;
  OK(pipe(ends));
  OK(watch(epoll, ends[0], EPOLLIN));
  OK(write(ends[1], "x", 1));
  EQUAL(epoll_wait(epoll, &event, 1, -1), 1);
  EQUAL(epoll_wait(epoll, &event, 1, 0), 1);
}

CHECK("edge-triggered epoll tells once for each arrival") {
  int ends[2], epoll = OK(epoll_create1(0));
  struct epoll_event event;
  OK(pipe(ends));
  OK(watch(epoll, ends[0], EPOLLIN | EPOLLET));
  OK(write(ends[1], "x", 1));
  EQUAL(epoll_wait(epoll, &event, 1, -1), 1);
  EQUAL(epoll_wait(epoll, &event, 1, 0), 0);
  OK(write(ends[1], "y", 1));
  EQUAL(epoll_wait(epoll, &event, 1, -1), 1);
}

CHECK("EPOLLONESHOT is silent until it is armed again") {
  int ends[2], epoll = OK(epoll_create1(0));
  struct epoll_event event;
  OK(pipe(ends));
  OK(watch(epoll, ends[0], EPOLLIN | EPOLLONESHOT));
  OK(write(ends[1], "x", 1));
  EQUAL(epoll_wait(epoll, &event, 1, -1), 1);
  OK(write(ends[1], "y", 1));
  EQUAL(epoll_wait(epoll, &event, 1, 0), 0);
  OK(epoll_ctl(epoll, EPOLL_CTL_MOD, ends[0], &(struct epoll_event){.events = EPOLLIN, .data.fd = 1}));
  EQUAL(epoll_wait(epoll, &event, 1, -1), 1);
}

CHECK("epoll tells EPOLLHUP when the writer is gone") {
  int ends[2], epoll = OK(epoll_create1(0));
  struct epoll_event event;
  OK(pipe(ends));
  OK(watch(epoll, ends[0], EPOLLIN));
  close(ends[1]);
  EQUAL(epoll_wait(epoll, &event, 1, -1), 1);
  EQUAL(event.events, EPOLLHUP);
}

CHECK("epoll refuses a file, a second add and an unknown removal") {
  int ends[2], epoll = OK(epoll_create1(0)), fd = file_with("f", "x");
  OK(pipe(ends));
  FAILS(watch(epoll, fd, EPOLLIN), EPERM);
  OK(watch(epoll, ends[0], EPOLLIN));
  FAILS(watch(epoll, ends[0], EPOLLIN), EEXIST);
  FAILS(epoll_ctl(epoll, EPOLL_CTL_DEL, ends[1], 0), ENOENT);
}

CHECK("an epoll in an epoll passes its readiness on") {
  int ends[2], inner = OK(epoll_create1(0)), outer = OK(epoll_create1(0));
  struct epoll_event event;
  OK(pipe(ends));
  OK(watch(inner, ends[0], EPOLLIN));
  OK(watch(outer, inner, EPOLLIN));
  EQUAL(epoll_wait(outer, &event, 1, 0), 0);
  OK(write(ends[1], "x", 1));
  EQUAL(epoll_wait(outer, &event, 1, -1), 1);
  EQUAL(event.data.fd, inner);
}

CHECK("epoll serves two hundred descriptors") {
  int epoll = OK(epoll_create1(0)), fds[200];
  struct epoll_event events[200];
  for (int i = 0; i < 200; i++) OK(watch(epoll, fds[i] = OK(eventfd(i % 2, EFD_NONBLOCK)), EPOLLIN));
  EQUAL(epoll_wait(epoll, events, 200, -1), 100);
}

CHECK("an eventfd adds up what is written and reads it once") {
  int fd = OK(eventfd(3, EFD_NONBLOCK));
  uint64_t value = 4;
  EQUAL(write(fd, &value, 8), 8);
  EQUAL(read(fd, &value, 8), 8);
  EQUAL(value, 7);
  FAILS(read(fd, &value, 8), EAGAIN);
}

CHECK("a semaphore eventfd gives one at a time") {
  int fd = OK(eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE));
  uint64_t value;
  for (int i = 0; i < 2; i++) {
    EQUAL(read(fd, &value, 8), 8);
    EQUAL(value, 1);
  }
  FAILS(read(fd, &value, 8), EAGAIN);
}

CHECK("a full eventfd blocks its writer") {
  int fd = OK(eventfd(0, EFD_NONBLOCK));
  uint64_t value = UINT64_MAX - 1;
  EQUAL(write(fd, &value, 8), 8);
  value = 1;
  FAILS(write(fd, &value, 8), EAGAIN);
  value = UINT64_MAX;
  FAILS(write(fd, &value, 8), EINVAL);
}

CHECK("a timerfd counts its expirations") {
  int fd = OK(timerfd_create(CLOCK_MONOTONIC, 0));
  uint64_t value, sum = 0;
  OK(timerfd_settime(fd, 0, &(struct itimerspec){{0, 10000000}, {0, 10000000}}, 0));
  while (sum < 5) {
    EQUAL(read(fd, &value, 8), 8);
    sum += value;
  }
  TRUE(sum >= 5);
}

CHECK("a timerfd that is disarmed says nothing") {
  int fd = OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
  uint64_t value;
  struct itimerspec now;
  OK(timerfd_settime(fd, 0, &(struct itimerspec){{0, 0}, {50, 0}}, 0));
  OK(timerfd_gettime(fd, &now));
  TRUE(now.it_value.tv_sec >= 48 && now.it_value.tv_sec <= 50);
  OK(timerfd_settime(fd, 0, &(struct itimerspec){{0, 0}, {0, 0}}, 0));
  FAILS(read(fd, &value, 8), EAGAIN);
}

CHECK("a timerfd for a time that is past fires at once") {
  int fd = OK(timerfd_create(CLOCK_REALTIME, 0));
  uint64_t value;
  OK(timerfd_settime(fd, TFD_TIMER_ABSTIME, &(struct itimerspec){{0, 0}, {1, 0}}, 0));
  EQUAL(read(fd, &value, 8), 8);
  EQUAL(value, 1);
}

CHECK("a signalfd reads signals with their sender") {
  sigset_t set;
  struct signalfd_siginfo got;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  OK(sigprocmask(SIG_BLOCK, &set, 0));
  int fd = OK(signalfd(-1, &set, SFD_NONBLOCK));
  FAILS(read(fd, &got, sizeof got), EAGAIN);
  OK(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 99}));
  EQUAL(read(fd, &got, sizeof got), sizeof got);
  EQUAL(got.ssi_signo, SIGUSR1);
  EQUAL(got.ssi_pid, getpid());
  EQUAL(got.ssi_int, 99);
}

// Events of one inotify read, as "name:mask" words.
static const char *inotify_events(int fd) {
  static char text[2048];
  char buffer[4096] __attribute__((aligned(8)));
  ssize_t size = OK(read(fd, buffer, sizeof buffer));
  text[0] = 0;
  for (char *at = buffer; at < buffer + size;) {
    struct inotify_event *event = (struct inotify_event *)at;
    const char *kind = event->mask & IN_CREATE ? "create" : event->mask & IN_MODIFY ? "modify" : event->mask & IN_DELETE ? "delete"
                       : event->mask & IN_MOVED_FROM ? "from" : event->mask & IN_MOVED_TO ? "to"
                       : event->mask & IN_CLOSE_WRITE ? "close" : event->mask & IN_ATTRIB ? "attrib" : "other";
    sprintf(text + strlen(text), "%s:%s ", event->len ? event->name : "-", kind);
    at += sizeof *event + event->len;
  }
  return text;
}

CHECK("inotify tells of a file that is made, written and removed") {
  int fd = OK(inotify_init1(0));
  OK(inotify_add_watch(fd, ".", IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_DELETE));
  close(file_with("new", "text"));
  OK(unlink("new"));
  SAME_TEXT(inotify_events(fd), "new:create new:modify new:close new:delete ");
}

CHECK("inotify gives both halves of a rename one cookie") {
  int fd = OK(inotify_init1(0));
  char buffer[4096] __attribute__((aligned(8)));
  close(file_with("a", ""));
  OK(inotify_add_watch(fd, ".", IN_MOVE));
  OK(rename("a", "b"));
  TRUE(read(fd, buffer, sizeof buffer) > 0);
  struct inotify_event *from = (void *)buffer, *to = (void *)(buffer + sizeof *from + from->len);
  SAME_TEXT(from->name, "a");
  SAME_TEXT(to->name, "b");
  TRUE(from->cookie != 0);
  EQUAL(from->cookie, to->cookie);
}

CHECK("inotify tells of chmod, and nothing after the watch is gone") {
  int fd = OK(inotify_init1(IN_NONBLOCK));
  char buffer[512];
  close(file_with("f", ""));
  int id = OK(inotify_add_watch(fd, "f", IN_ATTRIB));
  OK(chmod("f", 0600));
  SAME_TEXT(inotify_events(fd), "-:attrib ");
  OK(inotify_rm_watch(fd, id));
  OK(read(fd, buffer, sizeof buffer));
  OK(chmod("f", 0644));
  FAILS(read(fd, buffer, sizeof buffer), EAGAIN);
}

CHECK("fanotify names the process that opened a file") {
  int fd = OK(fanotify_init(FAN_CLASS_NOTIF, O_RDONLY));
  struct fanotify_event_metadata event;
  close(file_with("f", "x"));
  OK(fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "f"));
  pid_t child = fork();
  if (!child) _exit(open("f", O_RDONLY) < 0);
  EQUAL(end_of(child), 0);
  EQUAL(read(fd, &event, sizeof event), sizeof event);
  EQUAL(event.pid, child);
  EQUAL(event.mask, FAN_OPEN);
}

CHECK("poll tells readiness, hang-up and a bad descriptor") {
  int a[2], b[2];
  OK(pipe(a));
  OK(pipe(b));
  close(b[1]);
  struct pollfd fds[] = {{a[0], POLLIN, 0}, {a[1], POLLOUT, 0}, {b[0], POLLIN, 0}, {999, POLLIN, 0}};
  EQUAL(poll(fds, 4, -1), 3);
  EQUAL(fds[0].revents, 0);
  EQUAL(fds[1].revents, POLLOUT);
  EQUAL(fds[2].revents, POLLHUP);
  EQUAL(fds[3].revents, POLLNVAL);
}

CHECK("select finds the one that can be read") {
  int a[2], b[2];
  OK(pipe(a));
  OK(pipe(b));
  OK(write(b[1], "x", 1));
  fd_set set;
  FD_ZERO(&set);
  FD_SET(a[0], &set);
  FD_SET(b[0], &set);
  EQUAL(select(b[1], &set, 0, 0, 0), 1);
  TRUE(!FD_ISSET(a[0], &set) && FD_ISSET(b[0], &set));
}

CHECK("poll with a time-out returns nothing after it") {
  int ends[2];
  OK(pipe(ends));
  long long before = now_ms();
  EQUAL(poll(&(struct pollfd){ends[0], POLLIN, 0}, 1, 50), 0);
  TRUE(now_ms() - before >= 49);
}

static void nothing(int number) { (void)number; }

CHECK("ppoll lets a blocked signal in while it waits") {
  sigset_t set, none;
  sigemptyset(&none);
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  signal(SIGUSR1, nothing);
  OK(sigprocmask(SIG_BLOCK, &set, 0));
  OK(raise(SIGUSR1));
  FAILS(ppoll(0, 0, 0, &none), EINTR);
}

CHECK("a pidfd becomes readable when its process ends") {
  int ends[2];
  OK(pipe(ends));
  pid_t child = fork();
  if (!child) {
    char byte;
    _exit(read(ends[0], &byte, 1) != 1);
  }
  int fd = OK(syscall(SYS_pidfd_open, child, 0));
  EQUAL(poll(&(struct pollfd){fd, POLLIN, 0}, 1, 0), 0);
  OK(write(ends[1], "x", 1));
  EQUAL(poll(&(struct pollfd){fd, POLLIN, 0}, 1, -1), 1);
  EQUAL(end_of(child), 0);
}

CHECK("F_NOTIFY signals a change of a directory") {
  sigset_t set;
  siginfo_t info;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  OK(sigprocmask(SIG_BLOCK, &set, 0));
  int directory = OK(open(".", O_RDONLY));
  OK(fcntl(directory, F_SETSIG, SIGRTMIN));
  OK(fcntl(directory, F_NOTIFY, DN_CREATE));
  close(file_with("new", ""));
  EQUAL(sigwaitinfo(&set, &info), SIGRTMIN);
  EQUAL(info.si_fd, directory);
}
