// Pipes and FIFOs.
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

CHECK("a pipe ends when its last writer is gone") {
  int ends[2];
  char got[4];
  OK(pipe(ends));
  int second = OK(dup(ends[1]));
  EQUAL(write(ends[1], "abc", 3), 3);
  close(ends[1]);
  EQUAL(read(ends[0], got, 4), 3);
  OK(fcntl(ends[0], F_SETFL, O_NONBLOCK));
  FAILS(read(ends[0], got, 4), EAGAIN);
  close(second);
  EQUAL(read(ends[0], got, 4), 0);
}

CHECK("a pipe holds 65536 bytes and then is full") {
  int ends[2], total = 0;
  char block[4096] = "";
  ssize_t wrote;
  OK(pipe2(ends, O_NONBLOCK));
  while ((wrote = write(ends[1], block, sizeof block)) > 0) total += wrote;
  FAILS(wrote, EAGAIN);
  EQUAL(total, 65536);
}

CHECK("the size of a pipe can be changed") {
  int ends[2];
  OK(pipe(ends));
  EQUAL(fcntl(ends[0], F_GETPIPE_SZ), 65536);
  EQUAL(fcntl(ends[0], F_SETPIPE_SZ, 131072), 131072);
}

CHECK("FIONREAD counts what waits") {
  int ends[2], size;
  OK(pipe(ends));
  EQUAL(write(ends[1], "12345", 5), 5);
  OK(ioctl(ends[0], FIONREAD, &size));
  EQUAL(size, 5);
}

CHECK("writes of PIPE_BUF bytes are not mixed") {
  int ends[2], wrong = 0;
  static char block[PIPE_BUF];
  OK(pipe(ends));
  for (int i = 0; i < 4; i++) {
    if (fork()) continue;
    memset(block, 'a' + i, sizeof block);
    for (int k = 0; k < 20; k++)
      if (write(ends[1], block, sizeof block) != sizeof block) _exit(1);
    _exit(0);
  }
  close(ends[1]);
  for (int k = 0; k < 80; k++) {
    for (size_t got = 0; got < sizeof block;) got += OK(read(ends[0], block + got, sizeof block - got));
    for (size_t i = 1; i < sizeof block; i++) wrong += block[i] != block[0];
  }
  EQUAL(wrong, 0);
}

CHECK("a writer that fills a pipe waits for its reader") {
  int ends[2], sum = 0;
  OK(pipe(ends));
  pid_t child = fork();
  if (!child) {
    static char big[200000];
    memset(big, 1, sizeof big);
    _exit(write(ends[1], big, sizeof big) == sizeof big ? 0 : 1);
  }
  close(ends[1]);
  char block[1000];
  for (ssize_t got; (got = read(ends[0], block, sizeof block)) > 0;)
    for (ssize_t i = 0; i < got; i++) sum += block[i];
  EQUAL(sum, 200000);
  EQUAL(end_of(child), 0);
}

CHECK("a packet pipe keeps the borders of writes") {
  int ends[2];
  char got[8];
  OK(pipe2(ends, O_DIRECT));
  EQUAL(write(ends[1], "abc", 3), 3);
  EQUAL(write(ends[1], "de", 2), 2);
  EQUAL(read(ends[0], got, 8), 3);
  EQUAL(read(ends[0], got, 8), 2);
}

CHECK("splice moves a file's bytes without their being read") {
  int ends[2], fd = file_with("f", "spliced"), out = file_with("g", "");
  loff_t from = 2;
  OK(pipe(ends));
  EQUAL(splice(fd, &from, ends[1], 0, 5, 0), 5);
  EQUAL(splice(ends[0], 0, out, 0, 5, 0), 5);
  SAME_TEXT(text_of("g"), "liced");
}

CHECK("tee copies and leaves the original") {
  int a[2], b[2];
  char got[4] = "";
  OK(pipe(a));
  OK(pipe(b));
  EQUAL(write(a[1], "abc", 3), 3);
  EQUAL(tee(a[0], b[1], 3, 0), 3);
  EQUAL(read(b[0], got, 3), 3);
  SAME_TEXT(got, "abc");
  EQUAL(read(a[0], got, 3), 3);
}

CHECK("vmsplice puts pages into a pipe") {
  int ends[2];
  char *memory = pages(1), got[6] = "";
  strcpy(memory, "pages");
  OK(pipe(ends));
  EQUAL(vmsplice(ends[1], &(struct iovec){memory, 5}, 1, 0), 5);
  EQUAL(read(ends[0], got, 5), 5);
  SAME_TEXT(got, "pages");
}

CHECK("readv and writev gather and scatter") {
  int ends[2];
  char a[3] = "", b[4] = "";
  OK(pipe(ends));
  EQUAL(writev(ends[1], (struct iovec[]){{"ab", 2}, {"cde", 3}}, 2), 5);
  EQUAL(readv(ends[0], (struct iovec[]){{a, 2}, {b, 3}}, 2), 5);
  SAME_TEXT(a, "ab");
  SAME_TEXT(b, "cde");
}

CHECK("a FIFO joins two processes that know its name") {
  char got[6] = "";
  OK(mkfifo("fifo", 0600));
  pid_t child = fork();
  if (!child) _exit(write(open("fifo", O_WRONLY), "hello", 5) != 5);
  int fd = OK(open("fifo", O_RDONLY));
  EQUAL(read(fd, got, 5), 5);
  SAME_TEXT(got, "hello");
  EQUAL(end_of(child), 0);
}

CHECK("opening a FIFO to write without a reader is ENXIO when it may not wait") {
  OK(mkfifo("fifo", 0600));
  FAILS(open("fifo", O_WRONLY | O_NONBLOCK), ENXIO);
  OK(open("fifo", O_RDONLY | O_NONBLOCK));
  OK(open("fifo", O_WRONLY | O_NONBLOCK));
}

CHECK("stat knows a FIFO") {
  struct stat stat_now;
  OK(mkfifo("fifo", 0640));
  OK(stat("fifo", &stat_now));
  EQUAL(stat_now.st_mode, S_IFIFO | 0640);
}

CHECK("lseek on a pipe is ESPIPE") {
  int ends[2];
  OK(pipe(ends));
  FAILS(lseek(ends[0], 0, SEEK_CUR), ESPIPE);
}

CHECK("O_ASYNC sends SIGIO when data comes") {
  int ends[2];
  sigset_t set;
  siginfo_t info;
  sigemptyset(&set);
  sigaddset(&set, SIGIO);
  OK(sigprocmask(SIG_BLOCK, &set, 0));
  OK(pipe(ends));
  OK(fcntl(ends[0], F_SETOWN, getpid()));
  OK(fcntl(ends[0], F_SETFL, O_ASYNC));
  EQUAL(write(ends[1], "x", 1), 1);
  EQUAL(sigwaitinfo(&set, &info), SIGIO);
}
