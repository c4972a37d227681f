#include "spawn_request.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "fields.h"
#include "wire.gen.h"

enum { KNOWN_FLAGS = WB_SPAWN_PTY | WB_SPAWN_STDIN_NULL | WB_SPAWN_CLEAR_ENV | WB_SPAWN_LOGIN };

/* Reads a count and so many strings. Returns 0 or an errno. */
static int read_list(struct reader *reader, uint32_t limit, uint32_t *count, char ***strings) {
  *count = read_u32(reader);
  /* Each string takes at least its length field, so the array is never larger than the payload (times two on 64 bits). */
  if (reader->broken || *count > limit || *count > reader->left / 4) return EINVAL;
  *strings = calloc(*count + 1, sizeof **strings);
  if (!*strings) return ENOMEM;
  for (uint32_t i = 0; i < *count; i++) {
    (*strings)[i] = read_string(reader);
    if (!(*strings)[i]) return EINVAL;
  }
  return 0;
}

static int is_variable(const char *text) {
  const char *equals = strchr(text, '=');
  return equals && equals != text;
}

int spawn_request_parse(struct spawn_request *request, uint8_t *payload, size_t size) {
  struct reader reader = {.at = payload, .left = size};
  memset(request, 0, sizeof *request);
  request->flags = read_u32(&reader);
  request->columns = read_u16(&reader);
  request->rows = read_u16(&reader);
  request->stdout_credit = read_u32(&reader);
  request->stderr_credit = read_u32(&reader);
  request->user = read_string(&reader);
  request->cwd = read_string(&reader);
  if (reader.broken || request->flags & ~(uint32_t)KNOWN_FLAGS) return EINVAL;
  if (request->flags & WB_SPAWN_PTY && request->flags & WB_SPAWN_STDIN_NULL) return EINVAL;

  int error = read_list(&reader, WB_LIMIT_ARGC, &request->argc, &request->argv);
  if (error) return error;
  if (request->argc == 0) return EINVAL;
  error = read_list(&reader, WB_LIMIT_ENVC, &request->envc, &request->env);
  if (error) return error;
  for (uint32_t i = 0; i < request->envc; i++)
    if (!is_variable(request->env[i])) return EINVAL;
  return reader.left == 0 ? 0 : EINVAL;
}

void spawn_request_free(struct spawn_request *request) {
  free(request->argv);
  free(request->env);
  request->argv = NULL;
  request->env = NULL;
}
