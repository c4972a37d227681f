#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "files_ops.h"
#include "reply.h"

enum { OPEN_FLAGS = 2 * WB_FILE_OPEN_SET_MODE - 1, PERMISSIONS = 07777 };

/* A place that is free has no number. WHY not the place's position: a late request for a closed file must not meet another one. */
static struct handle {
  uint32_t number;
  int fd;
} handles[WB_FILE_LIMIT_HANDLES];

static uint32_t last_number;

static struct handle *find(uint32_t number) {
  for (size_t i = 0; i < WB_FILE_LIMIT_HANDLES; i++)
    if (handles[i].number == number) return &handles[i];
  return NULL;
}

/* An open file, or NULL after a reply. */
static struct handle *find_open(uint32_t id, uint32_t number) {
  struct handle *handle = number ? find(number) : NULL;
  if (!handle) reply_error(id, EBADF, NULL);
  return handle;
}

static uint32_t next_number(void) {
  do last_number++;
  while (last_number == 0 || find(last_number));
  return last_number;
}

static int open_mode(uint32_t flags) {
  int access = flags & WB_FILE_OPEN_WRITE ? (flags & WB_FILE_OPEN_READ ? O_RDWR : O_WRONLY) : O_RDONLY;
  /* WHY not O_TRUNC: a file whose mode cannot be set stays as it is. */
  return access | (flags & WB_FILE_OPEN_CREATE ? O_CREAT : 0) | (flags & WB_FILE_OPEN_APPEND ? O_APPEND : 0);
}

static int prepare(int fd, uint32_t flags, uint32_t mode, struct stat *file) {
  if (flags & WB_FILE_OPEN_SET_MODE && fchmod(fd, mode & PERMISSIONS) != 0) return -1;
  if (flags & WB_FILE_OPEN_TRUNCATE && ftruncate(fd, 0) != 0 && errno != EINVAL) return -1;
  return fstat(fd, file);
}

void files_open(uint32_t id, struct reader *request) {
  uint32_t flags = read_u32(request), mode = read_u32(request);
  const char *path = read_string(request);
  if (!request_is_whole(id, request)) return;
  struct handle *handle = find(0);
  if (flags & ~(uint32_t)OPEN_FLAGS || !handle) {
    reply_error(id, flags & ~(uint32_t)OPEN_FLAGS ? EINVAL : EMFILE, NULL);
    return;
  }
  /* WHY O_NONBLOCK: a FIFO or a terminal must not hold up everybody else's files. */
  int fd = open(path, open_mode(flags) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, mode & PERMISSIONS);
  struct stat file;
  if (fd < 0 || prepare(fd, flags, mode, &file) != 0) {
    int error = errno;
    if (fd >= 0) close(fd);
    reply_error(id, error, NULL);
    return;
  }
  *handle = (struct handle){.number = next_number(), .fd = fd};
  uint8_t *at = reply_begin(4 + WB_FILE_STAT_SIZE);
  put_u32(at, handle->number);
  put_stat(at + 4, &file);
  reply_end(id, 0, 0, 4 + WB_FILE_STAT_SIZE);
}

void files_read(uint32_t id, struct reader *request) {
  uint32_t number = read_u32(request);
  uint64_t offset = read_u64(request);
  uint32_t size = read_u32(request);
  if (!request_is_whole(id, request)) return;
  const struct handle *handle = find_open(id, number);
  if (!handle) return;
  if (size > WB_FILE_LIMIT_MESSAGE_BYTES || offset > INT64_MAX) {
    reply_error(id, EINVAL, NULL);
    return;
  }
  uint8_t *at = reply_begin(size);
  size_t done = 0;
  while (done < size) {
    ssize_t got = pread(handle->fd, at + done, size - done, (off_t)(offset + done));
    if (got < 0 && errno == ESPIPE) got = read(handle->fd, at + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && done == 0) {
      reply_error(id, errno, NULL);
      return;
    }
    if (got <= 0) break;
    done += (size_t)got;
  }
  reply_end(id, 0, 0, done);
}

void files_write(uint32_t id, struct reader *request) {
  uint32_t number = read_u32(request);
  uint64_t offset = read_u64(request);
  size_t done = 0;
  if (request->broken) {
    request_is_whole(id, request);
    return;
  }
  const struct handle *handle = find_open(id, number);
  if (!handle) return;
  if (offset > INT64_MAX) {
    reply_error(id, EINVAL, NULL);
    return;
  }
  while (done < request->left) {
    /* On a file that was opened for appending the offset says nothing. */
    ssize_t put = pwrite(handle->fd, request->at + done, request->left - done, (off_t)(offset + done));
    if (put < 0 && errno == ESPIPE) put = write(handle->fd, request->at + done, request->left - done);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) {
      reply_error(id, put < 0 ? errno : EIO, NULL);
      return;
    }
    done += (size_t)put;
  }
  reply_done(id);
}

void files_close(uint32_t id, struct reader *request) {
  uint32_t number = read_u32(request);
  if (!request_is_whole(id, request)) return;
  struct handle *handle = find_open(id, number);
  if (!handle) return;
  int fd = handle->fd;
  handle->number = 0;
  reply_result(id, close(fd));
}
