/* Starts a process in its own session. */
#ifndef PROCESS_H
#define PROCESS_H
#include <sys/types.h>
#include "accounts.h"
#include "launch.h"

struct process_failure {
  int stage; /* WB_STAGE_… */
  int error; /* errno */
};

/* To be called once. `hosted`: leave the priorities of processes as they are. */
void process_setup(int hosted);

/*
 * Returns the pid when the program runs, or -1 with *failure filled. Of `fds` (stdin, stdout, stderr) each is over 2; they stay open
 * here. With `terminal` set, stdin is a terminal and becomes the controlling one.
 */
pid_t process_start(const struct launch *launch, const struct account *account, const int fds[3], int terminal,
                    struct process_failure *failure);

#endif
