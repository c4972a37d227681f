#include "log.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void log_line(const char *format, ...) {
  char text[256] = "warmboot: ";
  size_t head = strlen(text);
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(text + head, sizeof text - head - 1, format, arguments);
  va_end(arguments);
  if (length < 0) return;
  strcat(text, "\n");
  /* Nobody is left to tell when the console does not take it. */
  if (write(STDERR_FILENO, text, strlen(text)) < 0) return;
}

void die(const char *what) {
  log_line("%s: %s", what, strerror(errno));
  _exit(1);
}
