#include "accounts.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "text_file.h"

enum { FILE_LIMIT = 1 << 20, PASSWD_FIELDS = 7, GROUP_FIELDS = 4, NUMBER_TEXT = 12 };

/* Cuts a line at its colons. Returns the number of fields, at most `limit`. */
static int split(char *line, char **fields, int limit) {
  int count = 0;
  for (char *at = line; at && count < limit;) {
    fields[count++] = at;
    at = strchr(at, ':');
    if (at) *at++ = 0;
  }
  return count;
}

/* Parses a decimal id; 4294967295 is the "no change" of setuid and not an id. */
static int parse_id(const char *text, unsigned *id) {
  if (*text < '0' || *text > '9') return 0;
  char *end;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  if (errno || *end || value >= 0xffffffffu) return 0;
  *id = (unsigned)value;
  return 1;
}

static int find_in_passwd(struct account *account, const char *user, int is_number, unsigned number) {
  char *rest = account->passwd;
  for (char *line; (line = next_line(&rest));) {
    char *field[PASSWD_FIELDS];
    unsigned uid, gid;
    if (split(line, field, PASSWD_FIELDS) != PASSWD_FIELDS) continue;
    if (!parse_id(field[2], &uid) || !parse_id(field[3], &gid)) continue;
    if (is_number ? uid != number : strcmp(field[0], user) != 0) continue;
    account->uid = uid;
    account->gid = gid;
    account->name = field[0];
    account->home = field[5][0] ? field[5] : "/";
    account->shell = field[6][0] ? field[6] : "/bin/sh";
    return 1;
  }
  return 0;
}

/* Whether the comma-separated list has the name. */
static int is_member(const char *list, const char *name) {
  size_t length = strlen(name);
  for (const char *at = list; at; at = strchr(at, ',')) {
    if (*at == ',') at++;
    if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == 0)) return 1;
  }
  return 0;
}

static void find_groups(struct account *account) {
  account->groups[0] = account->gid;
  account->group_count = 1;
  char *text = read_text_file("/etc/group", FILE_LIMIT);
  char *rest = text;
  for (char *line; (line = next_line(&rest)) && account->group_count < ACCOUNT_GROUPS;) {
    char *field[GROUP_FIELDS];
    unsigned gid;
    if (split(line, field, GROUP_FIELDS) != GROUP_FIELDS || !parse_id(field[2], &gid)) continue;
    if (gid != account->gid && is_member(field[3], account->name)) account->groups[account->group_count++] = gid;
  }
  free(text);
}

int account_group(const char *group, gid_t *gid) {
  unsigned number;
  if (parse_id(group, &number)) {
    *gid = number;
    return 0;
  }
  char *text = read_text_file("/etc/group", FILE_LIMIT);
  int error = text || errno != ENOMEM ? ENOENT : ENOMEM;
  char *rest = text;
  for (char *line; error == ENOENT && (line = next_line(&rest));) {
    char *field[GROUP_FIELDS];
    if (split(line, field, GROUP_FIELDS) != GROUP_FIELDS || !parse_id(field[2], &number)) continue;
    if (strcmp(field[0], group) != 0) continue;
    *gid = number;
    error = 0;
  }
  free(text);
  return error;
}

int account_find(struct account *account, const char *user) {
  unsigned number = geteuid();
  int is_number = *user == 0 || parse_id(user, &number);
  memset(account, 0, sizeof *account);
  account->passwd = read_text_file("/etc/passwd", FILE_LIMIT);
  if (!account->passwd && errno == ENOMEM) return ENOMEM;
  if (!find_in_passwd(account, user, is_number, number)) {
    free(account->passwd);
    account->passwd = NULL;
    /* A system without /etc/passwd still has root. */
    if (!is_number && strcmp(user, "root") == 0) number = 0;
    else if (!is_number) return ENOENT;
    char *name = malloc(NUMBER_TEXT);
    if (!name) return ENOMEM;
    snprintf(name, NUMBER_TEXT, "%u", number);
    account->passwd = name;
    account->uid = number;
    account->gid = number;
    account->name = number == 0 ? "root" : name;
    account->home = number == 0 ? "/root" : "/";
    account->shell = "/bin/sh";
  }
  find_groups(account);
  return 0;
}

void account_free(struct account *account) {
  free(account->passwd);
  account->passwd = NULL;
}
