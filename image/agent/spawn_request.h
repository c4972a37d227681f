/* The process request of a SPAWN frame ("Process request" in docs/guest-link.md). */
#ifndef SPAWN_REQUEST_H
#define SPAWN_REQUEST_H
#include <stddef.h>
#include <stdint.h>

/* Strings point into the payload that was parsed. */
struct spawn_request {
  uint32_t flags;
  uint16_t columns, rows;
  uint32_t stdout_credit, stderr_credit;
  const char *user, *cwd;
  uint32_t argc, envc;
  char **argv; /* argc entries and a NULL; the array is ours */
  char **env;  /* envc entries and a NULL; the array is ours */
};

/*
 * Parses `payload`, which it changes. Returns 0, or the errno of SPAWN_FAILED: EINVAL when it breaks a rule, ENOMEM.
 * Takes no memory that the payload's own size does not justify. Free with spawn_request_free, also after a failure.
 */
int spawn_request_parse(struct spawn_request *request, uint8_t *payload, size_t size);
void spawn_request_free(struct spawn_request *request);

#endif
