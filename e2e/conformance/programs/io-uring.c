// io_uring, without a library: rings mapped by hand.
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/time_types.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static struct {
  int fd;
  unsigned *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail, *cq_mask;
  struct io_uring_sqe *sqes;
  struct io_uring_cqe *cqes;
  unsigned queued;
} ring;

static void open_ring(unsigned entries) {
  struct io_uring_params p = {0};
  ring.fd = OK(syscall(SYS_io_uring_setup, entries, &p));
  char *sq = mmap(0, p.sq_off.array + p.sq_entries * 4, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, IORING_OFF_SQ_RING);
  char *cq = mmap(0, p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe), PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd,
                  IORING_OFF_CQ_RING);
  ring.sqes = mmap(0, p.sq_entries * sizeof *ring.sqes, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, IORING_OFF_SQES);
  TRUE(sq != MAP_FAILED && cq != MAP_FAILED && (void *)ring.sqes != MAP_FAILED);
  ring.sq_tail = (unsigned *)(sq + p.sq_off.tail), ring.sq_mask = (unsigned *)(sq + p.sq_off.ring_mask);
  ring.sq_array = (unsigned *)(sq + p.sq_off.array);
  ring.cq_head = (unsigned *)(cq + p.cq_off.head), ring.cq_tail = (unsigned *)(cq + p.cq_off.tail);
  ring.cq_mask = (unsigned *)(cq + p.cq_off.ring_mask), ring.cqes = (struct io_uring_cqe *)(cq + p.cq_off.cqes);
}

static struct io_uring_sqe *queue(int operation, int fd, const void *address, unsigned size, unsigned long long offset) {
  unsigned tail = *ring.sq_tail, slot = tail & *ring.sq_mask;
  struct io_uring_sqe *sqe = &ring.sqes[slot];
  memset(sqe, 0, sizeof *sqe);
  sqe->opcode = operation, sqe->fd = fd, sqe->addr = (uintptr_t)address, sqe->len = size, sqe->off = offset;
  sqe->user_data = operation;
  ring.sq_array[slot] = slot;
  __atomic_store_n(ring.sq_tail, tail + 1, __ATOMIC_RELEASE);
  ring.queued++;
  return sqe;
}

static int submit(unsigned wait_for) {
  unsigned count = ring.queued;
  ring.queued = 0;
  return syscall(SYS_io_uring_enter, ring.fd, count, wait_for, wait_for ? IORING_ENTER_GETEVENTS : 0, 0, 0);
}

// The next completion; it must be there.
static struct io_uring_cqe take(void) {
  unsigned head = *ring.cq_head;
  TRUE(head != __atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE));
  struct io_uring_cqe cqe = ring.cqes[head & *ring.cq_mask];
  __atomic_store_n(ring.cq_head, head + 1, __ATOMIC_RELEASE);
  return cqe;
}

static int result(void) {
  EQUAL(submit(1), 1);
  return take().res;
}

CHECK("a no-op completes with its user data") {
  open_ring(4);
  queue(IORING_OP_NOP, -1, 0, 0, 0)->user_data = 0x123456789abcull;
  EQUAL(submit(1), 1);
  struct io_uring_cqe cqe = take();
  EQUAL(cqe.res, 0);
  EQUAL(cqe.user_data, 0x123456789abcll);
}

CHECK("a write and a read at offsets") {
  open_ring(4);
  int fd = file_with("f", "0123456789");
  char got[4] = "";
  queue(IORING_OP_WRITE, fd, "abc", 3, 5);
  EQUAL(result(), 3);
  queue(IORING_OP_READ, fd, got, 3, 4);
  EQUAL(result(), 3);
  SAME_TEXT(got, "4ab");
}

CHECK("vectors are written in order") {
  open_ring(4);
  int fd = file_with("f", "");
  struct iovec parts[] = {{"one ", 4}, {"two ", 4}, {"three", 5}};
  queue(IORING_OP_WRITEV, fd, parts, 3, 0);
  EQUAL(result(), 13);
  SAME_TEXT(text_of("f"), "one two three");
}

CHECK("registered buffers and files are used") {
  open_ring(4);
  int fd = file_with("f", "registered");
  char *memory = pages(1);
  OK(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS, &(struct iovec){memory, PAGE}, 1));
  OK(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES, &fd, 1));
  queue(IORING_OP_READ_FIXED, 0, memory + 8, 10, 0)->flags = IOSQE_FIXED_FILE;
  EQUAL(result(), 10);
  SAME_BYTES(memory + 8, "registered", 10);
}

CHECK("linked requests run in order and stop at a failure") {
  open_ring(8);
  int fd = file_with("f", "");
  queue(IORING_OP_WRITE, fd, "x", 1, 0)->flags = IOSQE_IO_LINK;
  queue(IORING_OP_READ, 999, 0, 1, 0)->flags = IOSQE_IO_LINK;
  queue(IORING_OP_WRITE, fd, "y", 1, 1);
  EQUAL(submit(3), 3);
  EQUAL(take().res, 1);
  EQUAL(take().res, -EBADF);
  EQUAL(take().res, -ECANCELED);
  SAME_TEXT(text_of("f"), "x");
}

CHECK("a time-out completes with ETIME") {
  open_ring(4);
  struct __kernel_timespec time = {0, 20000000};
  queue(IORING_OP_TIMEOUT, -1, &time, 1, 0);
  EQUAL(result(), -ETIME);
}

CHECK("a pipe is read when data comes") {
  open_ring(4);
  int ends[2];
  char got[3] = "";
  OK(pipe(ends));
  queue(IORING_OP_READ, ends[0], got, 2, -1);
  EQUAL(submit(0), 1);
  EQUAL(*ring.cq_head, *ring.cq_tail);
  OK(write(ends[1], "hi", 2));
  EQUAL(submit(1), 0);
  EQUAL(take().res, 2);
  SAME_TEXT(got, "hi");
}

CHECK("poll tells that a pipe can be read") {
  open_ring(4);
  int ends[2];
  OK(pipe(ends));
  queue(IORING_OP_POLL_ADD, ends[0], 0, 0, 0)->poll32_events = POLLIN;
  EQUAL(submit(0), 1);
  OK(write(ends[1], "x", 1));
  EQUAL(submit(1), 0);
  EQUAL(take().res, POLLIN);
}

CHECK("a request that waits can be cancelled") {
  open_ring(4);
  int ends[2];
  char got;
  OK(pipe(ends));
  queue(IORING_OP_READ, ends[0], &got, 1, -1)->user_data = 71;
  EQUAL(submit(0), 1);
  queue(IORING_OP_ASYNC_CANCEL, -1, (void *)71, 0, 0)->user_data = 72;
  EQUAL(submit(2), 1);
  int sum = 0;
  for (int i = 0; i < 2; i++) {
    struct io_uring_cqe cqe = take();
    if (cqe.user_data == 71) EQUAL(cqe.res, -ECANCELED);
    else EQUAL(cqe.res, 0);
    sum += cqe.user_data;
  }
  EQUAL(sum, 143);
}

CHECK("files are opened, looked at and closed") {
  open_ring(4);
  close(file_with("f", "seven b"));
  queue(IORING_OP_OPENAT, AT_FDCWD, "f", 0, 0)->open_flags = O_RDONLY;
  int fd = result();
  TRUE(fd >= 0);
  struct statx stat;
  queue(IORING_OP_STATX, AT_FDCWD, "f", STATX_SIZE, (uintptr_t)&stat);
  EQUAL(result(), 0);
  EQUAL(stat.stx_size, 7);
  queue(IORING_OP_CLOSE, fd, 0, 0, 0);
  EQUAL(result(), 0);
  FAILS(fcntl(fd, F_GETFD), EBADF);
}

CHECK("rename, mkdir and unlink") {
  open_ring(4);
  close(file_with("a", "kept"));
  queue(IORING_OP_RENAMEAT, AT_FDCWD, "a", AT_FDCWD, (uintptr_t) "b");
  EQUAL(result(), 0);
  SAME_TEXT(text_of("b"), "kept");
  queue(IORING_OP_MKDIRAT, AT_FDCWD, "d", 0700, 0);
  EQUAL(result(), 0);
  queue(IORING_OP_UNLINKAT, AT_FDCWD, "b", 0, 0);
  EQUAL(result(), 0);
  FAILS(access("b", F_OK), ENOENT);
}

CHECK("a socket pair is sent to and received from") {
  open_ring(4);
  int pair[2];
  char got[6] = "";
  OK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  queue(IORING_OP_RECV, pair[1], got, 5, 0);
  queue(IORING_OP_SEND, pair[0], "hello", 5, 0);
  EQUAL(submit(2), 2);
  EQUAL(take().res + take().res, 10);
  SAME_TEXT(got, "hello");
}

CHECK("a TCP connection is accepted") {
  open_ring(4);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int server = OK(socket(AF_INET, SOCK_STREAM, 0)), client = OK(socket(AF_INET, SOCK_STREAM, 0));
  OK(bind(server, (void *)&address, size));
  OK(listen(server, 1));
  OK(getsockname(server, (void *)&address, &size));
  queue(IORING_OP_ACCEPT, server, 0, 0, 0);
  queue(IORING_OP_CONNECT, client, &address, 0, size);
  EQUAL(submit(2), 2);
  int accepted = -1;
  for (int i = 0; i < 2; i++) {
    struct io_uring_cqe cqe = take();
    TRUE(cqe.res >= 0);
    if (cqe.user_data == IORING_OP_ACCEPT) accepted = cqe.res;
  }
  char got = 0;
  EQUAL(write(client, "q", 1), 1);
  EQUAL(read(accepted, &got, 1), 1);
  EQUAL(got, 'q');
}

CHECK("fsync and fallocate") {
  open_ring(4);
  int fd = file_with("f", "");
  queue(IORING_OP_FALLOCATE, fd, (void *)(uintptr_t)8192, 0, 0);
  EQUAL(result(), 0);
  queue(IORING_OP_FSYNC, fd, 0, 0, 0);
  EQUAL(result(), 0);
  struct stat stat;
  OK(fstat(fd, &stat));
  EQUAL(stat.st_size, 8192);
}

CHECK("splice moves a file's bytes into a pipe") {
  open_ring(4);
  int fd = file_with("f", "through"), ends[2];
  char got[8] = "";
  OK(pipe(ends));
  struct io_uring_sqe *sqe = queue(IORING_OP_SPLICE, ends[1], 0, 7, -1);
  sqe->splice_fd_in = fd, sqe->splice_off_in = 0;
  EQUAL(result(), 7);
  EQUAL(read(ends[0], got, 7), 7);
  SAME_TEXT(got, "through");
}

CHECK("five hundred requests go through a ring of eight") {
  open_ring(8);
  int fd = file_with("f", "");
  long long sum = 0;
  for (int batch = 0; batch < 63; batch++) {
    for (int i = 0; i < 8; i++) queue(IORING_OP_WRITE, fd, "12345", 5, (batch * 8 + i) * 5);
    EQUAL(submit(8), 8);
    for (int i = 0; i < 8; i++) sum += take().res;
  }
  EQUAL(sum, 2520);
  EQUAL(lseek(fd, 0, SEEK_END), 2520);
}

CHECK("a bad size of the ring is refused") {
  struct io_uring_params p = {0};
  FAILS(syscall(SYS_io_uring_setup, 0, &p), EINVAL);
}
