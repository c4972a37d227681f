// ptrace, used directly.
#include "harness.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int value = 11;

// A traced child that has stopped itself; it then runs `run` and exits with its result.
static pid_t traced(int (*run)(void)) {
  int status;
  pid_t child = fork();
  if (!child) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    _exit(run());
  }
  EQUAL(waitpid(child, &status, 0), child);
  TRUE(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
  return child;
}

static int give_value(void) { return value; }
static int call_getppid(void) { return syscall(SYS_getppid) == 77 ? 5 : 6; }
static int raise_usr1(void) { return raise(SIGUSR1); }

static int next_stop(pid_t child) {
  int status;
  EQUAL(waitpid(child, &status, 0), child);
  return WIFSTOPPED(status) ? WSTOPSIG(status) : -1;
}

CHECK("peek reads the tracee's memory and poke changes it") {
  pid_t child = traced(give_value);
  EQUAL(ptrace(PTRACE_PEEKDATA, child, &value, 0), 11);
  OK(ptrace(PTRACE_POKEDATA, child, &value, 99));
  OK(ptrace(PTRACE_CONT, child, 0, 0));
  EQUAL(end_of(child), 99);
  EQUAL(value, 11);
}

CHECK("peek at a hole is EIO") {
  pid_t child = traced(give_value);
  errno = 0;
  FAILS(ptrace(PTRACE_PEEKDATA, child, 16, 0), EIO);
  OK(kill(child, SIGKILL));
}

CHECK("/proc/PID/mem reads and writes the tracee") {
  pid_t child = traced(give_value);
  char path[64];
  int fd, got = 0, given = 55;
  snprintf(path, sizeof path, "/proc/%d/mem", child);
  fd = OK(open(path, O_RDWR));
  EQUAL(pread(fd, &got, 4, (uintptr_t)&value), 4);
  EQUAL(got, 11);
  EQUAL(pwrite(fd, &given, 4, (uintptr_t)&value), 4);
  OK(ptrace(PTRACE_CONT, child, 0, 0));
  EQUAL(end_of(child), 55);
}

CHECK("single steps move the instruction pointer") {
  pid_t child = traced(give_value);
  struct user_regs_struct before, after;
  OK(ptrace(PTRACE_GETREGS, child, 0, &before));
  for (int i = 0; i < 50; i++) {
    OK(ptrace(PTRACE_SINGLESTEP, child, 0, 0));
    EQUAL(next_stop(child), SIGTRAP);
  }
  OK(ptrace(PTRACE_GETREGS, child, 0, &after));
  TRUE(after.eip != before.eip);
  OK(ptrace(PTRACE_CONT, child, 0, 0));
  EQUAL(end_of(child), 11);
}

CHECK("a call is seen at entry and exit and its result can be changed") {
  pid_t child = traced(call_getppid);
  struct user_regs_struct regs;
  OK(ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD));
  do {
    OK(ptrace(PTRACE_SYSCALL, child, 0, 0));
    EQUAL(next_stop(child), SIGTRAP | 0x80);
    OK(ptrace(PTRACE_GETREGS, child, 0, &regs));
  } while (regs.orig_eax != SYS_getppid);
  OK(ptrace(PTRACE_SYSCALL, child, 0, 0));
  EQUAL(next_stop(child), SIGTRAP | 0x80);
  OK(ptrace(PTRACE_GETREGS, child, 0, &regs));
  EQUAL(regs.eax, getpid());
  regs.eax = 77;
  OK(ptrace(PTRACE_SETREGS, child, 0, &regs));
  OK(ptrace(PTRACE_CONT, child, 0, 0));
  EQUAL(end_of(child), 5);
}

CHECK("a breakpoint stops at its address") {
  pid_t child = traced(give_value);
  uintptr_t at = (uintptr_t)give_value;
  struct user_regs_struct regs;
  long word = ptrace(PTRACE_PEEKTEXT, child, at, 0);
  OK(ptrace(PTRACE_POKETEXT, child, at, (word & ~0xff) | 0xcc));
  OK(ptrace(PTRACE_CONT, child, 0, 0));
  EQUAL(next_stop(child), SIGTRAP);
  OK(ptrace(PTRACE_GETREGS, child, 0, &regs));
  EQUAL(regs.eip, at + 1);
  OK(ptrace(PTRACE_POKETEXT, child, at, word));
  regs.eip = at;
  OK(ptrace(PTRACE_SETREGS, child, 0, &regs));
  OK(ptrace(PTRACE_CONT, child, 0, 0));
  EQUAL(end_of(child), 11);
}

CHECK("a signal can be seen and kept from the tracee") {
  pid_t child = traced(raise_usr1);
  siginfo_t info;
  OK(ptrace(PTRACE_CONT, child, 0, 0));
  EQUAL(next_stop(child), SIGUSR1);
  OK(ptrace(PTRACE_GETSIGINFO, child, 0, &info));
  EQUAL(info.si_pid, child);
  OK(ptrace(PTRACE_CONT, child, 0, 0));
  EQUAL(end_of(child), 0);
}

CHECK("a signal can be passed on") {
  pid_t child = traced(raise_usr1);
  OK(ptrace(PTRACE_CONT, child, 0, 0));
  EQUAL(next_stop(child), SIGUSR1);
  OK(ptrace(PTRACE_CONT, child, 0, SIGUSR1));
  EQUAL(end_of(child), KILLED_BY(SIGUSR1));
}

CHECK("attach stops a running process and detach lets it go") {
  pid_t child = fork();
  if (!child) for (;;) value++;
  OK(ptrace(PTRACE_ATTACH, child, 0, 0));
  EQUAL(next_stop(child), SIGSTOP);
  long first = ptrace(PTRACE_PEEKDATA, child, &value, 0);
  sleep_ms(30);
  EQUAL(ptrace(PTRACE_PEEKDATA, child, &value, 0), first);
  OK(ptrace(PTRACE_DETACH, child, 0, 0));
  FAILS(ptrace(PTRACE_PEEKDATA, child, &value, 0), ESRCH);
  OK(kill(child, SIGKILL));
  EQUAL(end_of(child), KILLED_BY(SIGKILL));
}

CHECK("SEIZE and INTERRUPT stop without a signal") {
  int status;
  pid_t child = fork();
  if (!child) for (;;) pause();
  OK(ptrace(PTRACE_SEIZE, child, 0, 0));
  OK(ptrace(PTRACE_INTERRUPT, child, 0, 0));
  EQUAL(waitpid(child, &status, 0), child);
  EQUAL(status >> 16, PTRACE_EVENT_STOP);
  OK(kill(child, SIGKILL));
}

static int fork_once(void) {
  pid_t child = fork();
  if (!child) _exit(0);
  return end_of(child);
}

CHECK("fork of a tracee is announced with the new pid") {
  int status;
  unsigned long pid = 0;
  pid_t child = traced(fork_once);
  OK(ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACEFORK));
  OK(ptrace(PTRACE_CONT, child, 0, 0));
  EQUAL(waitpid(child, &status, 0), child);
  EQUAL(status >> 8, SIGTRAP | PTRACE_EVENT_FORK << 8);
  OK(ptrace(PTRACE_GETEVENTMSG, child, 0, &pid));
  TRUE((pid_t)pid > child);
  EQUAL(waitpid(pid, &status, __WALL), pid);
  OK(ptrace(PTRACE_DETACH, (pid_t)pid, 0, 0));
  OK(ptrace(PTRACE_CONT, child, 0, 0));
  while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) ptrace(PTRACE_CONT, child, 0, 0);
  EQUAL(WEXITSTATUS(status), 0);
}

CHECK("GETREGSET gives the same registers as GETREGS") {
  pid_t child = traced(give_value);
  struct user_regs_struct a, b;
  struct iovec where = {&b, sizeof b};
  OK(ptrace(PTRACE_GETREGS, child, 0, &a));
  OK(ptrace(PTRACE_GETREGSET, child, NT_PRSTATUS, &where));
  EQUAL(where.iov_len, sizeof b);
  SAME_BYTES(&b, &a, sizeof a);
  OK(kill(child, SIGKILL));
}

CHECK("floating point registers can be read") {
  pid_t child = traced(give_value);
  struct user_fpregs_struct registers;
  OK(ptrace(PTRACE_GETFPREGS, child, 0, &registers));
  EQUAL(registers.cwd & 0x3f, 0x3f);
  OK(kill(child, SIGKILL));
}

CHECK("an ordinary user may not trace root's process") {
  pid_t parent = getpid(), child = fork();
  if (!child) {
    if (setuid(1000)) _exit(1);
    _exit(ptrace(PTRACE_ATTACH, parent, 0, 0) == -1 && errno == EPERM ? 0 : 2);
  }
  EQUAL(end_of(child), 0);
}

CHECK("debug registers of a traced process are set and read back") {
  pid_t child = traced(give_value);
  OK(ptrace(PTRACE_POKEUSER, child, offsetof(struct user, u_debugreg[0]), &value));
  // Enabled for this process, for writes of four bytes. Nothing here waits for the stop.
  OK(ptrace(PTRACE_POKEUSER, child, offsetof(struct user, u_debugreg[7]), 1 | 1 << 16 | 3 << 18));
  EQUAL(ptrace(PTRACE_PEEKUSER, child, offsetof(struct user, u_debugreg[0]), 0), (long)(uintptr_t)&value);
  OK(kill(child, SIGKILL));
}
