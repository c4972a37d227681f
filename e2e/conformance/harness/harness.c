#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXIT_SKIPPED 77

static struct check *checks;
static pid_t main_process;
// Shared with children, whose assertions count as well.
static int *assertions;

void register_check(struct check *check) {
  check->next = checks;
  checks = check;
}

__attribute__((format(printf, 1, 2))) static _Noreturn void fail(const char *format, ...) {
  va_list args;
  va_start(args, format);
  vdprintf(STDOUT_FILENO, format, args);
  va_end(args);
  if (getpid() != main_process) _exit(1);
  exit(1);
}

void assert_equal(const char *file, int line, const char *text, long long actual, long long expected) {
  __atomic_add_fetch(assertions, 1, __ATOMIC_RELAXED);
  if (actual != expected) fail("%s:%d: %s: expected %lld, actual %lld\n", file, line, text, expected, actual);
}

void assert_text(const char *file, int line, const char *text, const char *actual, const char *expected) {
  __atomic_add_fetch(assertions, 1, __ATOMIC_RELAXED);
  if (strcmp(actual, expected)) fail("%s:%d: %s: expected \"%s\", actual \"%s\"\n", file, line, text, expected, actual);
}

void assert_bytes(const char *file, int line, const char *text, const void *actual, const void *expected, size_t size) {
  __atomic_add_fetch(assertions, 1, __ATOMIC_RELAXED);
  for (size_t i = 0; i < size; i++) {
    unsigned char a = ((const unsigned char *)actual)[i], e = ((const unsigned char *)expected)[i];
    if (a != e) fail("%s:%d: %s: at byte %zu expected %02x, actual %02x\n", file, line, text, i, e, a);
  }
}

long long assert_ok(const char *file, int line, const char *text, long long result) {
  int error = errno;
  __atomic_add_fetch(assertions, 1, __ATOMIC_RELAXED);
  if (result == -1) fail("%s:%d: %s: expected success, actual %s\n", file, line, text, strerror(error));
  return result;
}

void assert_fails(const char *file, int line, const char *text, long long result, int error) {
  int actual = errno;
  __atomic_add_fetch(assertions, 1, __ATOMIC_RELAXED);
  if (result != -1) fail("%s:%d: %s: expected %s, actual result %lld\n", file, line, text, strerror(error), result);
  if (actual != error) fail("%s:%d: %s: expected %s, actual %s\n", file, line, text, strerror(error), strerror(actual));
}

void skip(const char *reason) {
  puts(reason);
  exit(EXIT_SKIPPED);
}

int end_of(pid_t child) {
  int status;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) fail("waitpid(%d): %s\n", child, strerror(errno));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

long long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

void sleep_ms(int ms) {
  struct timespec left = {ms / 1000, ms % 1000 * 1000000L};
  while (nanosleep(&left, &left) && errno == EINTR);
}

int file_with(const char *name, const char *text) {
  int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);
  if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || lseek(fd, 0, SEEK_SET) < 0)
    fail("cannot make %s: %s\n", name, strerror(errno));
  return fd;
}

const char *text_of(const char *path) {
  static char text[65536];
  int fd = open(path, O_RDONLY);
  if (fd < 0) fail("cannot open %s: %s\n", path, strerror(errno));
  ssize_t size = 0, got;
  while ((got = read(fd, text + size, sizeof text - 1 - size)) > 0) size += got;
  close(fd);
  text[size] = 0;
  return text;
}

char *pages(int count) {
  char *memory = mmap(0, count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail("mmap: %s\n", strerror(errno));
  return memory;
}

int main(int argc, char **argv) {
  if (argc != 3) return fprintf(stderr, "usage: conformance DOMAIN CASE\n"), 2;
  main_process = getpid();
  assertions = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  setvbuf(stdout, 0, _IONBF, 0);
  for (struct check *check = checks; check; check = check->next) {
    if (strcmp(check->domain, argv[1]) || strcmp(check->name, argv[2])) continue;
    check->run();
    printf("%d assertions\n", *assertions);
    return 0;
  }
  fprintf(stderr, "no case \"%s\" in domain \"%s\"\n", argv[2], argv[1]);
  return 2;
}
