// Locks on files: POSIX, of open file descriptions, BSD, leases.
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static struct flock range(int type, int from, int size) {
  return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = from, .l_len = size};
}

static int set_lock(int fd, int command, int type, int from, int size) {
  struct flock lock = range(type, from, size);
  return fcntl(fd, command, &lock);
}

// The errno with which another process fails to lock, or 0.
static int other_process(int command, int type, int from, int size) {
  pid_t child = fork();
  if (!child) _exit(set_lock(open("f", O_RDWR), command, type, from, size) ? errno : 0);
  return end_of(child);
}

CHECK("a write lock keeps another process out") {
  int fd = file_with("f", "0123456789");
  OK(set_lock(fd, F_SETLK, F_WRLCK, 0, 0));
  EQUAL(other_process(F_SETLK, F_WRLCK, 0, 0), EAGAIN);
  EQUAL(other_process(F_SETLK, F_RDLCK, 0, 0), EAGAIN);
}

CHECK("read locks are shared") {
  int fd = file_with("f", "0123456789");
  OK(set_lock(fd, F_SETLK, F_RDLCK, 0, 0));
  EQUAL(other_process(F_SETLK, F_RDLCK, 0, 0), 0);
  EQUAL(other_process(F_SETLK, F_WRLCK, 0, 0), EAGAIN);
}

CHECK("locks of different ranges do not meet") {
  int fd = file_with("f", "0123456789");
  OK(set_lock(fd, F_SETLK, F_WRLCK, 0, 5));
  EQUAL(other_process(F_SETLK, F_WRLCK, 5, 5), 0);
  EQUAL(other_process(F_SETLK, F_WRLCK, 4, 1), EAGAIN);
}

CHECK("unlocking the middle splits a lock") {
  int fd = file_with("f", "0123456789");
  OK(set_lock(fd, F_SETLK, F_WRLCK, 0, 10));
  OK(set_lock(fd, F_SETLK, F_UNLCK, 3, 4));
  EQUAL(other_process(F_SETLK, F_WRLCK, 3, 4), 0);
  EQUAL(other_process(F_SETLK, F_WRLCK, 2, 1), EAGAIN);
  EQUAL(other_process(F_SETLK, F_WRLCK, 7, 1), EAGAIN);
}

CHECK("F_GETLK names the holder and the range") {
  int fd = file_with("f", "0123456789"), ends[2];
  OK(pipe(ends));
  OK(set_lock(fd, F_SETLK, F_WRLCK, 2, 3));
  pid_t parent = getpid(), child = fork();
  if (!child) {
    struct flock lock = range(F_WRLCK, 0, 0);
    if (fcntl(open("f", O_RDWR), F_GETLK, &lock)) _exit(1);
    _exit(lock.l_pid == parent && lock.l_type == F_WRLCK && lock.l_start == 2 && lock.l_len == 3 ? 0 : 2);
  }
  EQUAL(end_of(child), 0);
}

CHECK("closing any descriptor of the file drops POSIX locks") {
  int fd = file_with("f", "x");
  OK(set_lock(fd, F_SETLK, F_WRLCK, 0, 0));
  close(OK(open("f", O_RDONLY)));
  EQUAL(other_process(F_SETLK, F_WRLCK, 0, 0), 0);
}

CHECK("F_SETLKW waits until the lock is free") {
  int fd = file_with("f", "x");
  OK(set_lock(fd, F_SETLK, F_WRLCK, 0, 0));
  pid_t child = fork();
  if (!child) {
    int own = open("f", O_RDWR);
    if (set_lock(own, F_SETLKW, F_WRLCK, 0, 0)) _exit(1);
    char got;
    _exit(pread(own, &got, 1, 0) == 1 && got == 'y' ? 0 : 2);
  }
  sleep_ms(50);
  OK(pwrite(fd, "y", 1, 0));
  OK(set_lock(fd, F_SETLK, F_UNLCK, 0, 0));
  EQUAL(end_of(child), 0);
}

CHECK("a deadlock of two processes is EDEADLK for one") {
  int fd = file_with("f", "ab"), to_child[2], to_parent[2];
  char byte;
  OK(pipe(to_child));
  OK(pipe(to_parent));
  OK(set_lock(fd, F_SETLK, F_WRLCK, 0, 1));
  pid_t child = fork();
  if (!child) {
    int own = open("f", O_RDWR);
    if (set_lock(own, F_SETLK, F_WRLCK, 1, 1) || write(to_parent[1], "x", 1) != 1) _exit(1);
    _exit(set_lock(own, F_SETLKW, F_WRLCK, 0, 1) ? errno : 0);
  }
  EQUAL(read(to_parent[0], &byte, 1), 1);
  sleep_ms(100);
  FAILS(set_lock(fd, F_SETLKW, F_WRLCK, 1, 1), EDEADLK);
  OK(set_lock(fd, F_SETLK, F_UNLCK, 0, 0));
  EQUAL(end_of(child), 0);
}

CHECK("locks of a process that ends are gone") {
  int fd = file_with("f", "x");
  EQUAL(other_process(F_SETLK, F_WRLCK, 0, 0), 0);
  OK(set_lock(fd, F_SETLK, F_WRLCK, 0, 0));
}

CHECK("open file description locks hold between descriptors of one process") {
  int a = file_with("f", "x"), b = OK(open("f", O_RDWR));
  OK(set_lock(a, F_OFD_SETLK, F_WRLCK, 0, 0));
  FAILS(set_lock(b, F_OFD_SETLK, F_WRLCK, 0, 0), EAGAIN);
  close(a);
  OK(set_lock(b, F_OFD_SETLK, F_WRLCK, 0, 0));
}

CHECK("flock is exclusive between open files") {
  int a = file_with("f", "x"), b = OK(open("f", O_RDONLY));
  OK(flock(a, LOCK_EX));
  FAILS(flock(b, LOCK_EX | LOCK_NB), EWOULDBLOCK);
  FAILS(flock(b, LOCK_SH | LOCK_NB), EWOULDBLOCK);
  OK(flock(a, LOCK_UN));
  OK(flock(b, LOCK_EX | LOCK_NB));
}

CHECK("flock is shared between readers") {
  int a = file_with("f", "x"), b = OK(open("f", O_RDONLY));
  OK(flock(a, LOCK_SH));
  OK(flock(b, LOCK_SH | LOCK_NB));
  FAILS(flock(a, LOCK_EX | LOCK_NB), EWOULDBLOCK);
}

CHECK("a child shares its parent's flock") {
  int fd = file_with("f", "x");
  OK(flock(fd, LOCK_EX));
  pid_t child = fork();
  if (!child) _exit(flock(fd, LOCK_EX | LOCK_NB) ? errno : 0);
  EQUAL(end_of(child), 0);
}

CHECK("lockf refuses what another holds") {
  int fd = file_with("f", "0123456789");
  OK(lockf(fd, F_LOCK, 4));
  pid_t child = fork();
  if (!child) _exit(lockf(open("f", O_RDWR), F_TEST, 4) ? errno : 0);
  EQUAL(end_of(child), EACCES);
}

CHECK("/proc/locks lists a lock with its process") {
  int fd = file_with("f", "x");
  char number[16];
  OK(set_lock(fd, F_SETLK, F_WRLCK, 0, 0));
  sprintf(number, " %d ", getpid());
  const char *line = strstr(text_of("/proc/locks"), number);
  TRUE(line);
}

static volatile int broken;
static void on_break(int number) { broken++; }

CHECK("a lease is broken by another's open") {
  int fd = file_with("f", "x");
  signal(SIGIO, on_break);
  OK(fcntl(fd, F_SETLEASE, F_WRLCK));
  EQUAL(fcntl(fd, F_GETLEASE), F_WRLCK);
  pid_t child = fork();
  if (!child) _exit(open("f", O_RDONLY) < 0);
  while (!broken) pause();
  OK(fcntl(fd, F_SETLEASE, F_UNLCK));
  EQUAL(end_of(child), 0);
}

CHECK("exclusive creation lets exactly one of eight processes win") {
  int won = 0;
  pid_t children[8];
  for (int i = 0; i < 8; i++)
    if (!(children[i] = fork())) _exit(open("winner", O_CREAT | O_EXCL | O_WRONLY, 0600) >= 0);
  for (int i = 0; i < 8; i++) won += end_of(children[i]);
  EQUAL(won, 1);
}
