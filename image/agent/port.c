#include "port.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "text_file.h"
#include "wire.gen.h"

#define PORTS "/sys/class/virtio-ports"

enum { NAME_LIMIT = 4096, FIRST_PAUSE_MS = 1, LONGEST_PAUSE_MS = 256 };

static int has_name(const char *entry, const char *wanted) {
  char path[300];
  snprintf(path, sizeof path, PORTS "/%s/name", entry);
  char *text = read_text_file(path, NAME_LIMIT), *rest = text;
  const char *name = next_line(&rest);
  int result = name && strcmp(name, wanted) == 0;
  free(text);
  return result;
}

int port_find(char *path, size_t size) {
  char wanted[32];
  snprintf(wanted, sizeof wanted, "virtio-%d", WB_LINK_PORT);
  DIR *ports = opendir(PORTS);
  if (!ports) return 0;
  int found = 0;
  for (const struct dirent *entry; !found && (entry = readdir(ports));) {
    found = entry->d_name[0] != '.' && has_name(entry->d_name, wanted);
    if (found) snprintf(path, size, "/dev/%s", entry->d_name);
  }
  closedir(ports);
  return found;
}

int port_open(const char *path) {
  char found[300];
  /* WHY no event: the name of a port appears without one. */
  for (long pause_ms = FIRST_PAUSE_MS;; pause_ms = pause_ms < LONGEST_PAUSE_MS ? pause_ms * 2 : pause_ms) {
    if (path || port_find(found, sizeof found)) {
      int fd = open(path ? path : found, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
      if (fd >= 0) return fd;
    }
    struct timespec time = {.tv_sec = pause_ms / 1000, .tv_nsec = pause_ms % 1000 * 1000000};
    nanosleep(&time, NULL);
  }
}
