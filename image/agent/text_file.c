#include "text_file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *read_text_file(const char *path, size_t limit) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return NULL;
  char *text = NULL;
  size_t size = 0, room = 0;
  int error = 0;
  for (;;) {
    if (size + 1 >= room) {
      room = room ? room * 2 : 4096;
      char *larger = size < limit ? realloc(text, room) : NULL;
      if (!larger) {
        error = size < limit ? ENOMEM : EFBIG;
        break;
      }
      text = larger;
    }
    ssize_t got = read(fd, text + size, room - size - 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) error = errno;
    if (got <= 0) break;
    size += (size_t)got;
  }
  close(fd);
  if (error) {
    free(text);
    errno = error;
    return NULL;
  }
  text[size] = 0;
  return text;
}

char *next_line(char **text) {
  char *line = *text;
  if (!line || !*line) return NULL;
  char *end = strchr(line, '\n');
  if (end) *end = 0;
  *text = end ? end + 1 : line + strlen(line);
  return line;
}

int write_text_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t size = (ssize_t)strlen(text);
  int result = write(fd, text, (size_t)size) == size ? 0 : -1;
  int error = errno;
  close(fd);
  errno = error;
  return result;
}
