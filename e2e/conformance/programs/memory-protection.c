// What the MMU guards: every wrong access ends in SIGSEGV or SIGBUS at the right address.
#include "harness.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// Not called by name, so that the compiler knows nothing of the access.
static void (*volatile read_byte)(volatile char *);
static void (*volatile write_byte)(volatile char *);
static void do_read(volatile char *at) { (void)*at; }
static void do_write(volatile char *at) { *at = 1; }

static int end_of_access(void (*how)(volatile char *), char *at) {
  pid_t child = fork();
  if (!child) {
    how(at);
    _exit(0);
  }
  return end_of(child);
}

#define READ(at) (read_byte = do_read, end_of_access(read_byte, (char *)(at)))
#define WRITE(at) (write_byte = do_write, end_of_access(write_byte, (char *)(at)))

CHECK("reading the null page is SIGSEGV") { EQUAL(READ(0), KILLED_BY(SIGSEGV)); }

CHECK("writing the null page is SIGSEGV") { EQUAL(WRITE(8), KILLED_BY(SIGSEGV)); }

CHECK("reading after munmap is SIGSEGV") {
  char *memory = pages(1);
  memory[0] = 7;
  EQUAL(READ(memory), 0);
  OK(munmap(memory, PAGE));
  EQUAL(READ(memory), KILLED_BY(SIGSEGV));
}

CHECK("writing after munmap is SIGSEGV") {
  char *memory = pages(1);
  EQUAL(WRITE(memory), 0);
  OK(munmap(memory, PAGE));
  EQUAL(WRITE(memory), KILLED_BY(SIGSEGV));
}

CHECK("munmap of the middle leaves both ends") {
  char *memory = pages(3);
  memset(memory, 5, 3 * PAGE);
  OK(munmap(memory + PAGE, PAGE));
  EQUAL(READ(memory + PAGE - 1), 0);
  EQUAL(READ(memory + PAGE), KILLED_BY(SIGSEGV));
  EQUAL(READ(memory + 2 * PAGE - 1), KILLED_BY(SIGSEGV));
  EQUAL(memory[0] + memory[2 * PAGE], 10);
}

CHECK("mprotect to read-only stops writes and keeps the content") {
  char *memory = pages(1);
  memory[9] = 42;
  OK(mprotect(memory, PAGE, PROT_READ));
  EQUAL(WRITE(memory + 9), KILLED_BY(SIGSEGV));
  EQUAL(memory[9], 42);
}

CHECK("mprotect to nothing stops reads") {
  char *memory = pages(1);
  OK(mprotect(memory, PAGE, PROT_NONE));
  EQUAL(READ(memory), KILLED_BY(SIGSEGV));
  OK(mprotect(memory, PAGE, PROT_READ));
  EQUAL(READ(memory), 0);
}

CHECK("a guard page catches the overrun and not the last byte") {
  char *memory = pages(2);
  OK(mprotect(memory + PAGE, PAGE, PROT_NONE));
  EQUAL(WRITE(memory + PAGE - 1), 0);
  EQUAL(WRITE(memory + PAGE), KILLED_BY(SIGSEGV));
}

CHECK("string constants cannot be written") {
  char *constant = (char *)"constant";
  EQUAL(WRITE(constant), KILLED_BY(SIGSEGV));
  EQUAL(constant[0], 'c');
}

CHECK("program text cannot be written") {
  EQUAL(WRITE((uintptr_t)do_read), KILLED_BY(SIGSEGV));
}

CHECK("kernel memory cannot be read") { EQUAL(READ(0xc0000000u), KILLED_BY(SIGSEGV)); }

CHECK("kernel memory cannot be written") { EQUAL(WRITE(0xf0000000u), KILLED_BY(SIGSEGV)); }

CHECK("a privileged instruction is SIGSEGV") {
  pid_t child = fork();
  if (!child) {
    __asm__ volatile("cli");
    _exit(0);
  }
  EQUAL(end_of(child), KILLED_BY(SIGSEGV));
}

CHECK("port access without permission is SIGSEGV") {
  pid_t child = fork();
  if (!child) {
    __asm__ volatile("outb %%al, $0x80" ::"a"(0));
    _exit(0);
  }
  EQUAL(end_of(child), KILLED_BY(SIGSEGV));
}

CHECK("an undefined instruction is SIGILL") {
  pid_t child = fork();
  if (!child) {
    __asm__ volatile("ud2");
    _exit(0);
  }
  EQUAL(end_of(child), KILLED_BY(SIGILL));
}

CHECK("integer division by zero is SIGFPE") {
  pid_t child = fork();
  if (!child) {
    volatile int zero = 0, one = 1;
    one /= zero;
    _exit(0);
  }
  EQUAL(end_of(child), KILLED_BY(SIGFPE));
}

CHECK("endless recursion is SIGSEGV at the stack's limit") {
  OK(setrlimit(RLIMIT_STACK, &(struct rlimit){256 * 1024, 256 * 1024}));
  pid_t child = fork();
  if (!child) {
    for (;;) *(volatile char *)__builtin_alloca(1024) = 1;
  }
  EQUAL(end_of(child), KILLED_BY(SIGSEGV));
}

CHECK("a stack grows by itself to a megabyte") {
  pid_t child = fork();
  if (!child) {
    volatile char *big = __builtin_alloca(1 << 20);
    for (int i = (1 << 20) - 1; i >= 0; i -= PAGE) big[i] = 3;
    _exit(big[(1 << 20) - 1]);
  }
  EQUAL(end_of(child), 3);
}

static sigjmp_buf back;
static siginfo_t seen;
static void on_fault(int number, siginfo_t *info, void *context) {
  seen = *info;
  siglongjmp(back, number);
}

static int fault(char *at, void (*how)(volatile char *)) {
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, 0);
  sigaction(SIGBUS, &action, 0);
  int number = sigsetjmp(back, 1);
  if (!number) how(at);
  return number;
}

CHECK("si_addr is the address that was not mapped") {
  char *memory = pages(1);
  OK(munmap(memory, PAGE));
  EQUAL(fault(memory + 123, do_read), SIGSEGV);
  EQUAL((uintptr_t)seen.si_addr, (uintptr_t)memory + 123);
  EQUAL(seen.si_code, SEGV_MAPERR);
}

CHECK("a protected page is told from a missing one by SEGV_ACCERR") {
  char *memory = pages(1);
  OK(mprotect(memory, PAGE, PROT_READ));
  EQUAL(fault(memory + 77, do_write), SIGSEGV);
  EQUAL(seen.si_code, SEGV_ACCERR);
  EQUAL((uintptr_t)seen.si_addr, (uintptr_t)memory + 77);
}

CHECK("reading a mapped file past its end is SIGBUS") {
  int fd = file_with("short", "abc");
  char *memory = mmap(0, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
  TRUE(memory != MAP_FAILED);
  EQUAL(memory[2], 'c');
  EQUAL(fault(memory + PAGE, do_read), SIGBUS);
  EQUAL(seen.si_code, BUS_ADRERR);
}

static void fix_fault(int number, siginfo_t *info, void *context) {
  mprotect((void *)((uintptr_t)info->si_addr & -PAGE), PAGE, PROT_READ | PROT_WRITE);
}

CHECK("a handler can mend the page and the instruction goes on") {
  struct sigaction action = {.sa_sigaction = fix_fault, .sa_flags = SA_SIGINFO};
  char *memory = pages(4);
  OK(mprotect(memory, 4 * PAGE, PROT_NONE));
  OK(sigaction(SIGSEGV, &action, 0));
  for (int i = 0; i < 4; i++) memory[i * PAGE + i] = i + 1;
  EQUAL(memory[0] + memory[PAGE + 1] + memory[2 * PAGE + 2] + memory[3 * PAGE + 3], 10);
}

CHECK("a handler on its own stack survives a stack overflow") {
  static char other[65536];
  OK(sigaltstack(&(stack_t){.ss_sp = other, .ss_size = sizeof other}, 0));
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  OK(sigaction(SIGSEGV, &action, 0));
  OK(setrlimit(RLIMIT_STACK, &(struct rlimit){256 * 1024, 256 * 1024}));
  pid_t child = fork();
  if (!child) {
    if (sigsetjmp(back, 1)) _exit(9);
    for (;;) *(volatile char *)__builtin_alloca(1024) = 1;
  }
  EQUAL(end_of(child), 9);
}

CHECK("code written to memory runs after mprotect") {
  static const unsigned char code[] = {0xb8, 0x2a, 0, 0, 0, 0xc3};  // mov $42, %eax; ret
  char *memory = pages(1);
  memcpy(memory, code, sizeof code);
  OK(mprotect(memory, PAGE, PROT_READ | PROT_EXEC));
  EQUAL(((int (*)(void))memory)(), 42);
}

CHECK("code that is rewritten runs as rewritten") {
  static const unsigned char code[] = {0xb8, 0, 0, 0, 0, 0xc3};
  char *memory = mmap(0, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  TRUE(memory != MAP_FAILED);
  int sum = 0;
  memcpy(memory, code, sizeof code);
  for (int i = 0; i < 1000; i++) {
    memory[1] = i % 100;
    sum += ((int (*)(void))memory)();
  }
  EQUAL(sum, 49500);
}

CHECK("system calls refuse bad pointers with EFAULT") {
  int fd = file_with("f", "abc");
  void *volatile hole = (void *)16;
  FAILS(read(fd, hole, 3), EFAULT);
  FAILS(write(fd, (void *)0xd0000000u, 3), EFAULT);
  FAILS(syscall(SYS_pipe, 16), EFAULT);
}

CHECK("a child's writes do not reach the parent") {
  char *memory = pages(1);
  memory[0] = 1;
  pid_t child = fork();
  if (!child) {
    memory[0] = 2;
    _exit(memory[0]);
  }
  EQUAL(end_of(child), 2);
  EQUAL(memory[0], 1);
}

CHECK("process_vm_readv reads another process and stops at its holes") {
  char *memory = pages(1);
  strcpy(memory, "deep");
  int sync[2];
  OK(pipe(sync));
  pid_t child = fork();
  if (!child) {
    char c;
    _exit(read(sync[0], &c, 1) == 1 ? 0 : 1);
  }
  char copy[8] = "";
  struct iovec { void *base; size_t size; } local = {copy, 5}, remote = {memory, 5}, hole = {(void *)16, 5};
  EQUAL(syscall(SYS_process_vm_readv, child, &local, 1, &remote, 1, 0), 5);
  SAME_TEXT(copy, "deep");
  FAILS(syscall(SYS_process_vm_readv, child, &local, 1, &hole, 1, 0), EFAULT);
  OK(write(sync[1], "x", 1));
  EQUAL(end_of(child), 0);
}
