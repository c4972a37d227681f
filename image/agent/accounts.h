/* Users and groups from /etc/passwd and /etc/group, read directly: no name service in a static program. */
#ifndef ACCOUNTS_H
#define ACCOUNTS_H
#include <stddef.h>
#include <sys/types.h>

enum { ACCOUNT_GROUPS = 64 };

struct account {
  uid_t uid;
  gid_t gid;
  const char *name, *home, *shell;
  size_t group_count;
  gid_t groups[ACCOUNT_GROUPS]; /* the primary group first */
  char *passwd; /* the memory behind the texts */
};

/*
 * Looks up a name or a number. Empty: root, or whoever the agent is when it is not root. A number without an entry is a user with
 * a group of the same number and the home "/". Returns 0 or an errno: ENOENT for a name that is not there. Free after success.
 */
int account_find(struct account *account, const char *user);
void account_free(struct account *account);
/* Looks up a group by name or number; a number need not have an entry. Returns 0 or an errno: ENOENT for a name that is not there. */
int account_group(const char *group, gid_t *gid);

#endif
