// mmap and its relatives.
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

CHECK("anonymous shared memory is seen by parent and child") {
  volatile int *shared = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t child = fork();
  if (!child) {
    shared[5] = 4242;
    _exit(0);
  }
  EQUAL(end_of(child), 0);
  EQUAL(shared[5], 4242);
}

CHECK("a shared mapping writes to the file") {
  int fd = file_with("f", "hello");
  char *memory = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  TRUE(memory != MAP_FAILED);
  memory[0] = 'j';
  char now[6] = "";
  EQUAL(pread(fd, now, 5, 0), 5);
  SAME_TEXT(now, "jello");
}

CHECK("a private mapping does not write to the file") {
  int fd = file_with("f", "hello");
  char *memory = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  TRUE(memory != MAP_FAILED);
  memory[0] = 'j';
  SAME_TEXT(text_of("f"), "hello");
  EQUAL(memory[0], 'j');
}

CHECK("write to a file shows in its mapping") {
  int fd = file_with("f", "hello");
  char *memory = mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, 0);
  EQUAL(pwrite(fd, "HE", 2, 0), 2);
  SAME_BYTES(memory, "HEllo", 5);
}

CHECK("two mappings of one file are one memory") {
  int fd = file_with("f", "12345");
  char *a = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  char *b = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  TRUE(a != b);
  a[2] = 'x';
  EQUAL(b[2], 'x');
}

CHECK("msync and a new open give what was mapped") {
  int fd = file_with("f", "aaaa");
  char *memory = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  memset(memory, 'b', 4);
  OK(msync(memory, PAGE, MS_SYNC));
  OK(munmap(memory, PAGE));
  close(fd);
  SAME_TEXT(text_of("f"), "bbbb");
}

CHECK("a shared writable mapping of a read-only descriptor is refused") {
  close(file_with("f", "abc"));
  int fd = OK(open("f", O_RDONLY));
  FAILS((intptr_t)mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), EACCES);
}

CHECK("an offset that is not of a page is refused") {
  int fd = file_with("f", "abc");
  FAILS((intptr_t)mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, 100), EINVAL);
}

CHECK("a mapping at an offset begins there") {
  int fd = file_with("f", "");
  OK(ftruncate(fd, 2 * PAGE));
  EQUAL(pwrite(fd, "second", 6, PAGE), 6);
  char *memory = mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, PAGE);
  SAME_TEXT(memory, "second");
}

CHECK("MAP_FIXED replaces what was there") {
  char *memory = pages(2);
  memory[PAGE] = 9;
  char *fixed = mmap(memory + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  EQUAL((uintptr_t)fixed, (uintptr_t)memory + PAGE);
  EQUAL(memory[PAGE], 0);
}

CHECK("MAP_FIXED_NOREPLACE refuses to replace") {
  char *memory = pages(1);
  FAILS((intptr_t)mmap(memory, PAGE, PROT_READ, MAP_FIXED_NOREPLACE | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), EEXIST);
}

CHECK("mremap moves a mapping with its content") {
  char *memory = pages(1);
  strcpy(memory, "kept");
  char *bigger = mremap(memory, PAGE, 64 * PAGE, MREMAP_MAYMOVE);
  TRUE(bigger != MAP_FAILED);
  SAME_TEXT(bigger, "kept");
  bigger[64 * PAGE - 1] = 1;
}

CHECK("madvise DONTNEED gives zeros") {
  char *memory = pages(1);
  memory[100] = 1;
  OK(madvise(memory, PAGE, MADV_DONTNEED));
  EQUAL(memory[100], 0);
}

CHECK("MADV_WIPEONFORK gives the child zeros") {
  char *memory = pages(1);
  memory[0] = 6;
  OK(madvise(memory, PAGE, MADV_WIPEONFORK));
  pid_t child = fork();
  if (!child) _exit(memory[0]);
  EQUAL(end_of(child), 0);
  EQUAL(memory[0], 6);
}

CHECK("mincore tells which pages are there") {
  char *memory = pages(3);
  memory[PAGE] = 1;
  unsigned char there[3];
  OK(mincore(memory, 3 * PAGE, there));
  EQUAL(there[0] & 1, 0);
  EQUAL(there[1] & 1, 1);
  EQUAL(there[2] & 1, 0);
}

CHECK("mlock shows in VmLck") {
  char *memory = pages(8);
  OK(mlock(memory, 8 * PAGE));
  const char *line = strstr(text_of("/proc/self/status"), "VmLck:");
  TRUE(line);
  EQUAL(atoi(line + 6), 32);
}

CHECK("a memory limit refuses what is over it") {
  OK(setrlimit(RLIMIT_AS, &(struct rlimit){16 << 20, 16 << 20}));
  FAILS((intptr_t)mmap(0, 64 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
}

CHECK("shm_open gives memory by name") {
  int fd = OK(shm_open("/conformance-shm", O_RDWR | O_CREAT | O_EXCL, 0600));
  OK(ftruncate(fd, PAGE));
  int *memory = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  memory[1] = 77;
  int again = OK(shm_open("/conformance-shm", O_RDONLY, 0));
  int value = 0;
  EQUAL(pread(again, &value, 4, 4), 4);
  EQUAL(value, 77);
  OK(shm_unlink("/conformance-shm"));
  FAILS(shm_open("/conformance-shm", O_RDONLY, 0), ENOENT);
}

CHECK("memfd has no name and can be mapped") {
  int fd = OK(memfd_create("anonymous", MFD_CLOEXEC));
  OK(ftruncate(fd, PAGE));
  char *memory = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  strcpy(memory, "in memory");
  char copy[10] = "";
  EQUAL(pread(fd, copy, 9, 0), 9);
  SAME_TEXT(copy, "in memory");
}

CHECK("a sealed memfd refuses to change") {
  int fd = OK(memfd_create("sealed", MFD_ALLOW_SEALING));
  EQUAL(write(fd, "abc", 3), 3);
  OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK));
  FAILS(write(fd, "d", 1), EPERM);
  FAILS(ftruncate(fd, 0), EPERM);
  EQUAL(fcntl(fd, F_GET_SEALS), F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK);
}

CHECK("System V shared memory is seen by a child and goes when removed") {
  int id = OK(shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600));
  volatile int *memory = shmat(id, 0, 0);
  pid_t child = fork();
  if (!child) {
    memory[3] = 33;
    _exit(0);
  }
  EQUAL(end_of(child), 0);
  EQUAL(memory[3], 33);
  OK(shmctl(id, IPC_RMID, 0));
  OK(shmdt((void *)memory));
  FAILS((intptr_t)shmat(id, 0, 0), EINVAL);
}

CHECK("brk grows and shrinks the heap") {
  char *start = sbrk(0);
  TRUE(sbrk(10 * PAGE) == start);
  start[10 * PAGE - 1] = 1;
  OK((intptr_t)sbrk(-10 * PAGE));
  EQUAL((uintptr_t)sbrk(0), (uintptr_t)start);
}

CHECK("/proc/self/maps lists a mapping with its protection") {
  char *memory = pages(2), line[64];
  OK(mprotect(memory, PAGE, PROT_READ));
  sprintf(line, "%08x-%08x r--p", (unsigned)(uintptr_t)memory, (unsigned)(uintptr_t)memory + PAGE);
  TRUE(strstr(text_of("/proc/self/maps"), line));
}

CHECK("many small mappings keep their own content") {
  char *all[500];
  for (int i = 0; i < 500; i++) *(int *)(all[i] = pages(1)) = i * i;
  long long sum = 0;
  for (int i = 0; i < 500; i++) sum += *(int *)all[i];
  EQUAL(sum, 41541750);
}

CHECK("64 MiB can be filled and read back") {
  unsigned *memory = (unsigned *)pages(16384), sum = 0;
  for (unsigned i = 0; i < 16384; i++) memory[i * 1024] = i * 2654435761u;
  for (unsigned i = 0; i < 16384; i++) sum += memory[i * 1024] == i * 2654435761u;
  EQUAL(sum, 16384);
}
