// Signals, as a process sends and takes them.
#include "harness.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t count, last, order[8];
static siginfo_t info;

static void note(int number, siginfo_t *given, void *context) {
  if (count < 8) order[count] = number;
  count++;
  last = number;
  info = *given;
}

static void catch(int number, int flags) {
  struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO | flags};
  OK(sigaction(number, &action, 0));
}

static sigset_t set_of(int a, int b) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, a);
  if (b) sigaddset(&set, b);
  return set;
}

CHECK("raise runs the handler before it returns") {
  catch(SIGUSR1, 0);
  OK(raise(SIGUSR1));
  EQUAL(last, SIGUSR1);
  EQUAL(count, 1);
}

CHECK("si_pid and si_code name the sender") {
  catch(SIGUSR1, 0);
  pid_t child = fork();
  if (!child) {
    kill(getppid(), SIGUSR1);
    _exit(0);
  }
  while (!count) pause();
  EQUAL(info.si_pid, child);
  EQUAL(info.si_code, SI_USER);
  EQUAL(end_of(child), 0);
}

CHECK("an uncaught signal ends the process with its number") {
  int numbers[] = {SIGHUP, SIGINT, SIGTERM, SIGUSR2, SIGALRM, SIGPIPE, SIGKILL};
  for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    pid_t child = fork();
    if (!child) {
      signal(numbers[i], SIG_DFL);
      kill(getpid(), numbers[i]);
      _exit(0);
    }
    EQUAL(end_of(child), KILLED_BY(numbers[i]));
  }
}

CHECK("SIGCHLD and SIGURG are ignored by default") {
  pid_t child = fork();
  if (!child) {
    raise(SIGCHLD);
    raise(SIGURG);
    raise(SIGWINCH);
    _exit(4);
  }
  EQUAL(end_of(child), 4);
}

CHECK("SIGKILL and SIGSTOP cannot be caught") {
  FAILS(sigaction(SIGKILL, &(struct sigaction){.sa_handler = SIG_IGN}, 0), EINVAL);
  FAILS(sigaction(SIGSTOP, &(struct sigaction){.sa_handler = SIG_IGN}, 0), EINVAL);
}

CHECK("a blocked signal waits until it is let in") {
  sigset_t set = set_of(SIGUSR1, 0), pending;
  catch(SIGUSR1, 0);
  OK(sigprocmask(SIG_BLOCK, &set, 0));
  OK(raise(SIGUSR1));
  EQUAL(count, 0);
  OK(sigpending(&pending));
  EQUAL(sigismember(&pending, SIGUSR1), 1);
  OK(sigprocmask(SIG_UNBLOCK, &set, 0));
  EQUAL(count, 1);
}

CHECK("a standard signal that is blocked is kept once") {
  sigset_t set = set_of(SIGUSR1, 0);
  catch(SIGUSR1, 0);
  OK(sigprocmask(SIG_BLOCK, &set, 0));
  for (int i = 0; i < 5; i++) OK(raise(SIGUSR1));
  OK(sigprocmask(SIG_UNBLOCK, &set, 0));
  EQUAL(count, 1);
}

CHECK("real-time signals queue, lowest number first, with their values") {
  sigset_t set = set_of(SIGRTMIN, SIGRTMIN + 1);
  siginfo_t got;
  OK(sigprocmask(SIG_BLOCK, &set, 0));
  OK(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 30}));
  OK(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 10}));
  OK(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 20}));
  for (int i = 1; i <= 3; i++) {
    EQUAL(sigwaitinfo(&set, &got), i < 3 ? SIGRTMIN : SIGRTMIN + 1);
    EQUAL(got.si_value.sival_int, i * 10);
    EQUAL(got.si_code, SI_QUEUE);
  }
}

CHECK("sigtimedwait times out with EAGAIN") {
  sigset_t set = set_of(SIGUSR1, 0);
  OK(sigprocmask(SIG_BLOCK, &set, 0));
  FAILS(sigtimedwait(&set, 0, &(struct timespec){0, 20000000}), EAGAIN);
}

CHECK("sigsuspend lets one signal in and puts the mask back") {
  sigset_t set = set_of(SIGUSR1, 0), none, now;
  catch(SIGUSR1, 0);
  sigemptyset(&none);
  OK(sigprocmask(SIG_BLOCK, &set, 0));
  OK(raise(SIGUSR1));
  FAILS(sigsuspend(&none), EINTR);
  EQUAL(count, 1);
  OK(sigprocmask(SIG_BLOCK, 0, &now));
  EQUAL(sigismember(&now, SIGUSR1), 1);
}

static void fork_sender(int number) {
  if (fork()) return;
  sleep_ms(50);
  kill(getppid(), number);
  _exit(0);
}

CHECK("a slow read is interrupted with EINTR") {
  int ends[2];
  char byte;
  OK(pipe(ends));
  catch(SIGUSR1, 0);
  fork_sender(SIGUSR1);
  FAILS(read(ends[0], &byte, 1), EINTR);
}

CHECK("with SA_RESTART a read goes on after the handler") {
  int ends[2];
  char byte = 0;
  OK(pipe(ends));
  catch(SIGUSR1, SA_RESTART);
  pid_t parent = getpid();
  if (!fork()) {
    sleep_ms(50);
    kill(parent, SIGUSR1);
    sleep_ms(50);
    _exit(write(ends[1], "z", 1) != 1);
  }
  EQUAL(read(ends[0], &byte, 1), 1);
  EQUAL(byte, 'z');
  EQUAL(count, 1);
}

static volatile int depth, deepest;
static void nest(int number) {
  depth++;
  if (depth > deepest) deepest = depth;
  if (count++ < 3) raise(number);
  depth--;
}

CHECK("a handler is not interrupted by its own signal") {
  OK(sigaction(SIGUSR1, &(struct sigaction){.sa_handler = nest}, 0));
  OK(raise(SIGUSR1));
  EQUAL(deepest, 1);
  EQUAL(count, 4);
}

CHECK("with SA_NODEFER a handler nests") {
  OK(sigaction(SIGUSR1, &(struct sigaction){.sa_handler = nest, .sa_flags = SA_NODEFER}, 0));
  OK(raise(SIGUSR1));
  EQUAL(deepest, 4);
}

CHECK("SA_RESETHAND handles once") {
  pid_t child = fork();
  if (!child) {
    catch(SIGTERM, SA_RESETHAND);
    raise(SIGTERM);
    if (count != 1) _exit(1);
    raise(SIGTERM);
    _exit(2);
  }
  EQUAL(end_of(child), KILLED_BY(SIGTERM));
}

static sigjmp_buf back;
static void jump(int number) { siglongjmp(back, number); }

CHECK("siglongjmp leaves a handler and restores the mask") {
  signal(SIGUSR1, jump);
  int number = sigsetjmp(back, 1);
  if (!number) raise(SIGUSR1);
  sigset_t now;
  OK(sigprocmask(SIG_BLOCK, 0, &now));
  EQUAL(number, SIGUSR1);
  EQUAL(sigismember(&now, SIGUSR1), 0);
}

CHECK("alarm sends SIGALRM and tells what was left") {
  catch(SIGALRM, 0);
  EQUAL(alarm(100), 0);
  long left = alarm(1);
  TRUE(left == 100 || left == 99);
  pause();
  EQUAL(last, SIGALRM);
}

CHECK("an interval timer goes off again and again") {
  catch(SIGALRM, 0);
  OK(setitimer(ITIMER_REAL, &(struct itimerval){{0, 20000}, {0, 20000}}, 0));
  while (count < 5) pause();
  TRUE(count >= 5);
}

CHECK("a busy loop is interrupted by a timer") {
  catch(SIGALRM, 0);
  OK(setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 50000}}, 0));
  volatile unsigned turns = 0;
  while (!count) turns++;
  EQUAL(last, SIGALRM);
}

CHECK("the virtual timer counts this process's CPU time") {
  catch(SIGVTALRM, 0);
  OK(setitimer(ITIMER_VIRTUAL, &(struct itimerval){{0, 0}, {0, 50000}}, 0));
  while (!count)
    ;
  EQUAL(last, SIGVTALRM);
}

CHECK("writing to a pipe without readers is SIGPIPE, or EPIPE when ignored") {
  int ends[2];
  OK(pipe(ends));
  close(ends[0]);
  pid_t child = fork();
  if (!child) _exit(write(ends[1], "x", 1));
  EQUAL(end_of(child), KILLED_BY(SIGPIPE));
  signal(SIGPIPE, SIG_IGN);
  FAILS(write(ends[1], "x", 1), EPIPE);
}

CHECK("a CPU time limit sends SIGXCPU") {
  pid_t child = fork();
  if (!child) {
    setrlimit(RLIMIT_CPU, &(struct rlimit){1, 2});
    for (;;)
      ;
  }
  EQUAL(end_of(child), KILLED_BY(SIGXCPU));
}

CHECK("a file size limit sends SIGXFSZ") {
  int fd = file_with("f", "");
  pid_t child = fork();
  if (!child) {
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){100, 100});
    char block[200] = "";
    if (write(fd, block, 200) != 100) _exit(1);
    _exit(write(fd, block, 1));
  }
  EQUAL(end_of(child), KILLED_BY(SIGXFSZ));
}

CHECK("a stopped process shows to waitpid and goes on with SIGCONT") {
  int status;
  pid_t child = fork();
  if (!child) {
    raise(SIGSTOP);
    _exit(5);
  }
  EQUAL(waitpid(child, &status, WUNTRACED), child);
  EQUAL(WIFSTOPPED(status) ? WSTOPSIG(status) : 0, SIGSTOP);
  OK(kill(child, SIGCONT));
  EQUAL(waitpid(child, &status, WCONTINUED), child);
  TRUE(WIFCONTINUED(status));
  EQUAL(end_of(child), 5);
}

CHECK("kill of a group reaches every member") {
  pid_t children[3];
  for (int i = 0; i < 3; i++) {
    children[i] = fork();
    if (!children[i]) for (;;) pause();
    OK(setpgid(children[i], children[0]));
  }
  OK(kill(-children[0], SIGTERM));
  for (int i = 0; i < 3; i++) EQUAL(end_of(children[i]), KILLED_BY(SIGTERM));
}

CHECK("signal 0 asks whether a process is there") {
  pid_t child = fork();
  if (!child) _exit(0);
  OK(kill(child, 0));
  EQUAL(end_of(child), 0);
  FAILS(kill(child, 0), ESRCH);
}

CHECK("an ordinary user may not signal root's processes") {
  pid_t parent = getpid(), child = fork();
  if (!child) {
    if (setuid(1000)) _exit(1);
    _exit(kill(parent, SIGUSR1) == -1 && errno == EPERM ? 0 : 2);
  }
  EQUAL(end_of(child), 0);
}

CHECK("ignored signals stay ignored after exec and caught ones do not") {
  signal(SIGUSR1, SIG_IGN);
  catch(SIGUSR2, 0);
  pid_t child = fork();
  if (!child) {
    execl("/bin/sh", "sh", "-c", "kill -USR1 $$; kill -USR2 $$; exit 3", (char *)0);
    _exit(127);
  }
  EQUAL(end_of(child), KILLED_BY(SIGUSR2));
}

CHECK("SA_NOCLDWAIT leaves no zombies") {
  OK(sigaction(SIGCHLD, &(struct sigaction){.sa_handler = SIG_IGN, .sa_flags = SA_NOCLDWAIT}, 0));
  pid_t child = fork();
  if (!child) _exit(0);
  FAILS(waitpid(child, 0, 0), ECHILD);
}

CHECK("SIGCHLD tells how the child ended") {
  sigset_t set = set_of(SIGCHLD, 0);
  siginfo_t got;
  OK(sigprocmask(SIG_BLOCK, &set, 0));
  pid_t child = fork();
  if (!child) _exit(23);
  EQUAL(sigwaitinfo(&set, &got), SIGCHLD);
  EQUAL(got.si_pid, child);
  EQUAL(got.si_code, CLD_EXITED);
  EQUAL(got.si_status, 23);
}

CHECK("registers survive a handler") {
  catch(SIGALRM, 0);
  OK(setitimer(ITIMER_REAL, &(struct itimerval){{0, 5000}, {0, 5000}}, 0));
  double product = 1;
  unsigned sum = 0;
  for (unsigned i = 1; count < 10; i = i % 1000 + 1) {
    sum += i;
    product *= 1.5;
    if (i == 1000) {
      EQUAL(sum, 500500);
      sum = 0;
    }
    if (product > 1e300) product = 1;
  }
  TRUE(product >= 1);
}
