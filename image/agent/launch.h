/* What a new process gets: environment, arguments, where its program may be, where it starts. Made before the process is. */
#ifndef LAUNCH_H
#define LAUNCH_H
#include "accounts.h"
#include "spawn_request.h"

struct launch {
  char **env;
  char **argv;
  char **candidates; /* paths to try in turn, NULL at the end */
  const char *cwd;
  int cwd_is_home; /* a home that is not there is replaced by "/" */
  char *memory;
};

/* Points into the request and the account, which must stay. Returns 0 or ENOMEM. Free with launch_free, also after a failure. */
int launch_prepare(struct launch *launch, const struct spawn_request *request, const struct account *account);
void launch_free(struct launch *launch);

#endif
