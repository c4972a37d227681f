#include "process.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "text_file.h"
#include "wire.gen.h"

#ifdef SYS_setresuid32
#define SET_GROUPS SYS_setgroups32
#define SET_GID SYS_setresgid32
#define SET_UID SYS_setresuid32
#else
#define SET_GROUPS SYS_setgroups
#define SET_GID SYS_setresgid
#define SET_UID SYS_setresuid
#endif

enum { AGENT_FILES = 8192, CHILD_FILES = 1024, CHILD_FILES_HARD = 524288, AGENT_NICE = -10, CHILD_STACK = 64 * 1024 };

static int own_machine;
static struct rlimit first_files;
static char child_stack[CHILD_STACK] __attribute__((aligned(16)));

void process_setup(int hosted) {
  own_machine = !hosted;
  getrlimit(RLIMIT_NOFILE, &first_files);
  struct rlimit files = {AGENT_FILES, first_files.rlim_max};
  if (files.rlim_max < AGENT_FILES) files.rlim_max = AGENT_FILES;
  /* Without the right to raise the hard limit, take all that there is. */
  if (setrlimit(RLIMIT_NOFILE, &files) != 0 && first_files.rlim_max < AGENT_FILES) {
    files.rlim_cur = files.rlim_max = first_files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  if (own_machine) {
    setpriority(PRIO_PROCESS, 0, AGENT_NICE);
    write_text_file("/proc/self/oom_score_adj", "-1000");
    gid_t group = 0;
    syscall(SET_GROUPS, 1, &group);
  }
}

struct birth {
  const struct launch *launch;
  const struct account *account;
  const int *fds;
  int terminal;
  struct process_failure failure;
};

#define IN_CHILD __attribute__((no_sanitize("address", "undefined")))

IN_CHILD static void fail(struct birth *birth, int stage) {
  birth->failure.error = errno ? errno : EIO;
  birth->failure.stage = stage;
  _exit(127);
}

IN_CHILD static void become(struct birth *birth) {
  const struct account *account = birth->account;
  if (account->uid == geteuid() && account->gid == getegid() && (account->uid != 0 || account->group_count == 1)) return;
  /* WHY not setuid(): a C library's own would change all threads of the memory we share. */
  if (syscall(SET_GROUPS, account->group_count, account->groups) != 0 ||
      syscall(SET_GID, account->gid, account->gid, account->gid) != 0 ||
      syscall(SET_UID, account->uid, account->uid, account->uid) != 0)
    fail(birth, WB_STAGE_USER);
}

IN_CHILD static void run_program(struct birth *birth) {
  const struct launch *launch = birth->launch;
  int denied = 0;
  errno = ENOENT;
  for (char **path = launch->candidates; *path; path++) {
    execve(*path, launch->argv, launch->env);
    if (errno == EACCES) denied = 1;
    else if (errno != ENOENT && errno != ENOTDIR) fail(birth, WB_STAGE_EXEC);
  }
  if (denied) errno = EACCES;
  fail(birth, WB_STAGE_EXEC);
}

/*
 * Runs in the agent's memory, on its own stack, while the agent stands still: it must only make system calls and change nothing
 * but `failure`. Signal dispositions are those of the agent, which has none of its own.
 */
IN_CHILD static int child(void *argument) {
  struct birth *birth = argument;
  const struct launch *launch = birth->launch;
  setsid();
  if (birth->terminal && ioctl(birth->fds[0], TIOCSCTTY, 0) != 0) fail(birth, WB_STAGE_PTY);
  for (int fd = 0; fd < 3; fd++)
    if (dup2(birth->fds[fd], fd) < 0) fail(birth, WB_STAGE_FORK);

  struct rlimit files = first_files;
  if (own_machine) {
    files = (struct rlimit){CHILD_FILES, CHILD_FILES_HARD};
    setpriority(PRIO_PROCESS, 0, 0);
    int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (score >= 0 && write(score, "0", 1) != 1) fail(birth, WB_STAGE_FORK);
  }
  prlimit(0, RLIMIT_NOFILE, &files, NULL);
  become(birth);
  if (chdir(launch->cwd) != 0 && !(launch->cwd_is_home && chdir("/") == 0)) fail(birth, WB_STAGE_CWD);

  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  run_program(birth);
  return 127;
}

pid_t process_start(const struct launch *launch, const struct account *account, const int fds[3], int terminal,
                    struct process_failure *failure) {
  struct birth birth = {.launch = launch, .account = account, .fds = fds, .terminal = terminal};
  pid_t pid = clone(child, child_stack + sizeof child_stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &birth);
  if (pid < 0) {
    *failure = (struct process_failure){WB_STAGE_FORK, errno};
    return -1;
  }
  if (birth.failure.error == 0) return pid;
  *failure = birth.failure;
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
  return -1;
}
