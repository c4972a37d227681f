#include "launch.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "wire.gen.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

enum { DEFAULTS = 7 };

/* Puts the joined texts at *memory, moves it on, and returns where they begin. */
static char *join(char **memory, const char *a, const char *b, const char *c) {
  char *start = *memory;
  char *end = stpcpy(stpcpy(stpcpy(start, a), b), c);
  *memory = end + 1;
  return start;
}

static int is_overridden(const struct spawn_request *request, const char *name) {
  size_t length = strlen(name);
  for (uint32_t i = 0; i < request->envc; i++)
    if (strncmp(request->env[i], name, length) == 0 && request->env[i][length] == '=') return 1;
  return 0;
}

static const char *search_path(const struct spawn_request *request) {
  /* The last one counts, as for a shell. */
  for (uint32_t i = request->envc; i-- > 0;)
    if (strncmp(request->env[i], "PATH=", 5) == 0) return request->env[i] + 5;
  return DEFAULT_PATH;
}

static size_t count_directories(const char *path) {
  size_t count = 1;
  for (; *path; path++) count += *path == ':';
  return count;
}

static void list_candidates(struct launch *launch, char **memory, const char *name, const char *path) {
  size_t count = 0;
  if (strchr(name, '/')) {
    launch->candidates[count++] = join(memory, name, "", "");
  } else if (*name) {
    for (const char *end; path; path = *end ? end + 1 : NULL) {
      end = strchrnul(path, ':');
      size_t length = (size_t)(end - path);
      char *start = *memory;
      memcpy(start, path, length);
      *memory += length;
      /* An empty directory is the working directory. */
      join(memory, length ? "/" : "", name, "");
      launch->candidates[count++] = start;
    }
  }
  launch->candidates[count] = NULL;
}

int launch_prepare(struct launch *launch, const struct spawn_request *request, const struct account *account) {
  const char *defaults[DEFAULTS][2] = {
      {"HOME", account->home},
      {"USER", account->name},
      {"LOGNAME", account->name},
      {"SHELL", account->shell},
      {"PATH", DEFAULT_PATH},
      {"LANG", "C.UTF-8"},
      {"TERM", request->flags & WB_SPAWN_PTY ? "xterm-256color" : "dumb"},
  };
  const char *program = request->argv[0];
  const char *path = search_path(request);
  size_t directories = strchr(program, '/') ? 1 : count_directories(path);
  size_t size = strlen(program) + 2; /* "-argv[0]" of a login shell */
  for (int i = 0; i < DEFAULTS; i++) size += strlen(defaults[i][0]) + strlen(defaults[i][1]) + 2;

  memset(launch, 0, sizeof *launch);
  /* WHY a limit: many directories times a long name would be more memory than the request itself justifies. */
  if (directories > 4096 || directories * (strlen(program) + 2) > (1 << 20)) return ENOMEM;
  size += strlen(path) + directories * (strlen(program) + 2);
  launch->memory = malloc(size);
  launch->env = calloc(request->envc + DEFAULTS + 1, sizeof *launch->env);
  launch->argv = calloc(request->argc + 1, sizeof *launch->argv);
  launch->candidates = calloc(directories + 1, sizeof *launch->candidates);
  if (!launch->memory || !launch->env || !launch->argv || !launch->candidates) return ENOMEM;

  char *memory = launch->memory;
  size_t count = 0;
  if (!(request->flags & WB_SPAWN_CLEAR_ENV))
    for (int i = 0; i < DEFAULTS; i++)
      if (!is_overridden(request, defaults[i][0]))
        launch->env[count++] = join(&memory, defaults[i][0], "=", defaults[i][1]);
  for (uint32_t i = 0; i < request->envc; i++) launch->env[count++] = request->env[i];
  memcpy(launch->argv, request->argv, request->argc * sizeof *launch->argv);
  if (request->flags & WB_SPAWN_LOGIN) launch->argv[0] = join(&memory, "-", program, "");
  list_candidates(launch, &memory, program, path);
  launch->cwd_is_home = request->cwd[0] == 0;
  launch->cwd = launch->cwd_is_home ? account->home : request->cwd;
  return 0;
}

void launch_free(struct launch *launch) {
  free(launch->memory);
  free(launch->env);
  free(launch->argv);
  free(launch->candidates);
}
