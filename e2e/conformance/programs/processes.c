// Processes: made, replaced, waited for, limited.
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

CHECK("fork gives the child a pid of its own and the parent's as parent") {
  pid_t parent = getpid(), child = fork();
  if (!child) _exit(getppid() == parent && getpid() != parent ? 0 : 1);
  EQUAL(end_of(child), 0);
}

CHECK("an exit code keeps its low eight bits") {
  pid_t child = fork();
  if (!child) _exit(0x1234);
  EQUAL(end_of(child), 0x34);
}

CHECK("fork copies descriptors that share their offset") {
  int fd = file_with("f", "abcdef");
  char got[3];
  pid_t child = fork();
  if (!child) _exit(read(fd, got, 2) != 2);
  EQUAL(end_of(child), 0);
  EQUAL(lseek(fd, 0, SEEK_CUR), 2);
}

CHECK("vfork holds the parent until the child is done") {
  volatile int done = 0;
  pid_t child = vfork();
  if (!child) {
    done = 7;
    _exit(1);
  }
  EQUAL(done, 7);
  EQUAL(end_of(child), 1);
}

static int add_one(void *number) { return ++*(int *)number; }

CHECK("clone with CLONE_VM shares memory") {
  static char stack[65536];
  int number = 41;
  pid_t child = OK(clone(add_one, stack + sizeof stack, CLONE_VM | SIGCHLD, &number));
  EQUAL(end_of(child), 42);
  EQUAL(number, 42);
}

CHECK("clone with CLONE_FILES shares descriptors") {
  pid_t child = OK(syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0));
  if (!child) _exit(open("/dev/null", O_RDONLY));
  int fd = end_of(child);
  OK(fcntl(fd, F_GETFD));
}

CHECK("exec keeps the pid, the directory and the umask") {
  umask(027);
  int ends[2];
  char text[256] = "", expected[256], cwd[200];
  OK(pipe(ends));
  pid_t child = fork();
  if (!child) {
    dup2(ends[1], 1);
    execl("/bin/sh", "sh", "-c", "echo $$ $(umask) $(pwd)", (char *)0);
    _exit(127);
  }
  EQUAL(end_of(child), 0);
  TRUE(read(ends[0], text, sizeof text - 1) > 0);
  snprintf(expected, sizeof expected, "%d 0027 %s\n", child, getcwd(cwd, sizeof cwd));
  SAME_TEXT(text, expected);
}

CHECK("close-on-exec closes and others stay open") {
  int stays = OK(open("/dev/null", O_RDONLY)), goes = OK(open("/dev/null", O_RDONLY | O_CLOEXEC));
  char script[100];
  sprintf(script, "test -e /proc/self/fd/%d && ! test -e /proc/self/fd/%d", stays, goes);
  pid_t child = fork();
  if (!child) {
    execl("/bin/sh", "sh", "-c", script, (char *)0);
    _exit(127);
  }
  EQUAL(end_of(child), 0);
}

CHECK("exec of what is no program is ENOEXEC, EACCES or ENOENT") {
  close(file_with("text", "no program"));
  FAILS(execl("./text", "text", (char *)0), EACCES);
  OK(chmod("text", 0755));
  FAILS(execl("./text", "text", (char *)0), ENOEXEC);
  FAILS(execl("./missing", "missing", (char *)0), ENOENT);
}

CHECK("a script's first line names its interpreter and an argument") {
  close(file_with("script", "#!/bin/sh -e\nfalse\nexit 9\n"));
  OK(chmod("script", 0755));
  pid_t child = fork();
  if (!child) {
    execl("./script", "script", (char *)0);
    _exit(127);
  }
  EQUAL(end_of(child), 1);
}

CHECK("a running program cannot be written") {
  FAILS(open("/proc/self/exe", O_WRONLY), ETXTBSY);
}

CHECK("too long an argument list is E2BIG") {
  static char *arguments[20002];
  static char word[1024];
  memset(word, 'a', sizeof word - 1);
  for (int i = 0; i < 20000; i++) arguments[i] = word;
  FAILS(execv("/bin/true", arguments), E2BIG);
}

CHECK("posix_spawn starts a program with its files set up") {
  posix_spawn_file_actions_t actions;
  pid_t child;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "out", O_WRONLY | O_CREAT, 0644);
  EQUAL(posix_spawn(&child, "/bin/sh", &actions, 0, (char *[]){"sh", "-c", "echo $((40+2))", 0}, environ), 0);
  EQUAL(end_of(child), 0);
  SAME_TEXT(text_of("out"), "42\n");
}

CHECK("waitid with WNOWAIT leaves the child to be waited for") {
  siginfo_t info;
  pid_t child = fork();
  if (!child) _exit(6);
  OK(waitid(P_PID, child, &info, WEXITED | WNOWAIT));
  EQUAL(info.si_status, 6);
  EQUAL(end_of(child), 6);
}

CHECK("WNOHANG does not wait") {
  pid_t child = fork();
  if (!child) for (;;) pause();
  EQUAL(waitpid(child, 0, WNOHANG), 0);
  OK(kill(child, SIGKILL));
  EQUAL(end_of(child), KILLED_BY(SIGKILL));
  FAILS(waitpid(-1, 0, 0), ECHILD);
}

CHECK("wait4 gives the child's CPU time") {
  struct rusage usage;
  pid_t child = fork();
  if (!child) {
    for (long long until = now_ms() + 200; now_ms() < until;)
      ;
    _exit(0);
  }
  EQUAL(wait4(child, 0, 0, &usage), child);
  TRUE(usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec > 20000);
}

CHECK("orphans go to init") {
  int ends[2], new_parent = 0;
  OK(pipe(ends));
  pid_t child = fork();
  if (!child) {
    if (!fork()) {
      pid_t old = getppid();
      while (getppid() == old) sleep_ms(5);
      int now = getppid();
      _exit(write(ends[1], &now, sizeof now) != sizeof now);
    }
    sleep_ms(20);
    _exit(0);
  }
  EQUAL(end_of(child), 0);
  EQUAL(read(ends[0], &new_parent, sizeof new_parent), sizeof new_parent);
  EQUAL(new_parent, 1);
}

CHECK("a subreaper gets its descendants' orphans") {
  OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
  pid_t child = fork();
  if (!child) {
    if (!fork()) {
      sleep_ms(50);
      _exit(31);
    }
    _exit(0);
  }
  EQUAL(end_of(child), 0);
  int status;
  TRUE(wait(&status) > 0);
  EQUAL(WEXITSTATUS(status), 31);
}

CHECK("PR_SET_PDEATHSIG ends the child with its parent") {
  int ends[2];
  char byte;
  OK(pipe(ends));
  pid_t child = fork();
  if (!child) {
    if (!fork()) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (write(ends[1], "x", 1) != 1) _exit(1);
      for (;;) pause();
    }
    _exit(read(ends[0], &byte, 1) != 1);
  }
  close(ends[1]);
  EQUAL(end_of(child), 0);
  EQUAL(read(ends[0], &byte, 1), 0);
}

CHECK("setsid makes a session whose leader cannot make another") {
  pid_t child = fork();
  if (!child) {
    if (setsid() != getpid() || getsid(0) != getpid() || getpgrp() != getpid()) _exit(1);
    _exit(setsid() == -1 && errno == EPERM ? 0 : 2);
  }
  EQUAL(end_of(child), 0);
}

CHECK("a limit of open files is EMFILE") {
  OK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){8, 8}));
  while (dup(0) >= 0)
    ;
  EQUAL(errno, EMFILE);
}

CHECK("a limit of processes is EAGAIN for an ordinary user") {
  pid_t child = fork();
  if (!child) {
    setrlimit(RLIMIT_NPROC, &(struct rlimit){1, 1});
    if (setuid(12345)) _exit(1);
    pid_t another = fork();
    if (another == 0) _exit(0);
    _exit(another == -1 && errno == EAGAIN ? 0 : 2);
  }
  EQUAL(end_of(child), 0);
}

CHECK("nice lowers the priority and an ordinary user cannot raise it") {
  pid_t child = fork();
  if (!child) {
    if (setuid(1000) || nice(5) != 5 || getpriority(PRIO_PROCESS, 0) != 5) _exit(1);
    errno = 0;
    _exit(nice(-5) == -1 && errno == EPERM ? 0 : 2);
  }
  EQUAL(end_of(child), 0);
}

CHECK("of two busy processes the nicer gets less") {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(0, &set);
  OK(sched_setaffinity(0, sizeof set, &set));
  struct rusage usage[2];
  pid_t children[2];
  for (int i = 0; i < 2; i++) {
    if ((children[i] = fork())) continue;
    if (i) nice(19);
    for (long long until = now_ms() + 1500; now_ms() < until;)
      ;
    _exit(0);
  }
  for (int i = 0; i < 2; i++) EQUAL(wait4(children[i], 0, 0, &usage[i]), children[i]);
#define CPU(u) ((u).ru_utime.tv_sec * 1000 + (u).ru_utime.tv_usec / 1000 + (u).ru_stime.tv_sec * 1000 + (u).ru_stime.tv_usec / 1000)
  TRUE(CPU(usage[0]) > 3 * CPU(usage[1]));
}

CHECK("a real-time process can be asked for and read back") {
  OK(sched_setscheduler(0, SCHED_RR, &(struct sched_param){7}));
  EQUAL(sched_getscheduler(0), SCHED_RR);
  struct sched_param param;
  OK(sched_getparam(0, &param));
  EQUAL(param.sched_priority, 7);
}

CHECK("a pidfd signals its process and no other") {
  pid_t child = fork();
  if (!child) for (;;) pause();
  int fd = OK(syscall(SYS_pidfd_open, child, 0));
  OK(syscall(SYS_pidfd_send_signal, fd, SIGTERM, 0, 0));
  EQUAL(end_of(child), KILLED_BY(SIGTERM));
  FAILS(syscall(SYS_pidfd_send_signal, fd, 0, 0, 0), ESRCH);
}

CHECK("pidfd_getfd takes a descriptor of another process") {
  int ends[2];
  OK(pipe(ends));
  pid_t child = fork();
  if (!child) {
    int own = file_with("f", "theirs");
    dup2(own, 100);
    if (write(ends[1], "x", 1) != 1) _exit(1);
    for (;;) pause();
  }
  char got[7] = "";
  EQUAL(read(ends[0], got, 1), 1);
  int pidfd = OK(syscall(SYS_pidfd_open, child, 0));
  int fd = OK(syscall(SYS_pidfd_getfd, pidfd, 100, 0));
  EQUAL(pread(fd, got, 6, 0), 6);
  SAME_TEXT(got, "theirs");
  OK(kill(child, SIGKILL));
}

CHECK("a seccomp filter refuses one call with its errno") {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdir, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 123),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  OK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &(struct sock_fprog){4, code}));
  FAILS(syscall(SYS_mkdir, "d", 0755), 123);
  OK(syscall(SYS_rmdir, OK(syscall(SYS_mkdirat, AT_FDCWD, "d", 0755)) ? "" : "d"));
}

CHECK("strict seccomp kills at the first other call") {
  pid_t child = fork();
  if (!child) {
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
    syscall(SYS_getpid);
    syscall(SYS_exit, 0);
  }
  EQUAL(end_of(child), KILLED_BY(SIGKILL));
}

CHECK("a crash with a core limit says that it dumped") {
  int status;
  pid_t child = fork();
  if (!child) {
    setrlimit(RLIMIT_CORE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
    abort();
  }
  EQUAL(waitpid(child, &status, 0), child);
  TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
  TRUE(WCOREDUMP(status));
}

CHECK("an unknown system call is ENOSYS") { FAILS(syscall(9999), ENOSYS); }

CHECK("getrandom gives bytes that differ") {
  unsigned char a[32], b[32];
  EQUAL(syscall(SYS_getrandom, a, 32, 0), 32);
  EQUAL(syscall(SYS_getrandom, b, 32, 0), 32);
  TRUE(memcmp(a, b, 32) != 0);
}

CHECK("two hundred children run and all are reaped") {
  int sum = 0;
  for (int i = 0; i < 200; i++)
    if (!fork()) _exit(i % 10);
  for (int status; wait(&status) > 0;) sum += WEXITSTATUS(status);
  EQUAL(sum, 900);
}
