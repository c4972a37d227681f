// Cases of checks: `CHECK("what holds") { … }`. Each runs in a process of its own, as `conformance DOMAIN CASE`.
#pragma once

#include <stdint.h>
#include <sys/types.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

struct check {
  const char *domain;
  const char *name;
  void (*run)(void);
  struct check *next;
};

void register_check(struct check *check);

// DOMAIN is given by the compiler's command line: the name of the file.
#define CHECK(title)                                                                            \
  static void JOIN(run_, __LINE__)(void);                                                       \
  static struct check JOIN(check_, __LINE__) = {DOMAIN, title, JOIN(run_, __LINE__), 0};        \
  __attribute__((constructor)) static void JOIN(enter_, __LINE__)(void) {                       \
    register_check(&JOIN(check_, __LINE__));                                                    \
  }                                                                                             \
  static void JOIN(run_, __LINE__)(void)

// Each of these ends the case with a report when it does not hold.
#define EQUAL(actual, expected) assert_equal(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(expected))
#define TRUE(condition) assert_equal(__FILE__, __LINE__, #condition, !!(condition), 1)
#define SAME_TEXT(actual, expected) assert_text(__FILE__, __LINE__, #actual, (actual), (expected))
#define SAME_BYTES(actual, expected, size) assert_bytes(__FILE__, __LINE__, #actual, (actual), (expected), (size))
// The call must not return -1; gives its result.
#define OK(call) assert_ok(__FILE__, __LINE__, #call, (long long)(call))
// The call must return -1 with this errno.
#define FAILS(call, error) assert_fails(__FILE__, __LINE__, #call, (long long)(call), (error))

void assert_equal(const char *file, int line, const char *text, long long actual, long long expected);
void assert_text(const char *file, int line, const char *text, const char *actual, const char *expected);
void assert_bytes(const char *file, int line, const char *text, const void *actual, const void *expected, size_t size);
long long assert_ok(const char *file, int line, const char *text, long long result);
void assert_fails(const char *file, int line, const char *text, long long result, int error);

// Ends the case: the machine need not have this, for the reason given.
_Noreturn void skip(const char *reason);

// Waits for a child; its exit code, or 256 + the signal that ended it.
int end_of(pid_t child);
#define KILLED_BY(signal) (256 + (signal))

// Milliseconds of CLOCK_MONOTONIC.
long long now_ms(void);
void sleep_ms(int ms);
// A file in the current directory with this text; opened for reading and writing.
int file_with(const char *name, const char *text);
// The text of a small file, in a buffer that the next call uses again.
const char *text_of(const char *path);
// Pages of memory, readable and writable, private and anonymous.
char *pages(int count);
#define PAGE 4096
