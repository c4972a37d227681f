#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "files_ops.h"
#include "reply.h"

enum { OPEN_FLAGS = 2 * WB_FILE_OPEN_SET_MODE - 1, PERMISSIONS = 07777 };

/* Descriptors plus one; 0 is a free place. */
static int handles[WB_FILE_LIMIT_HANDLES];

/* The place of an open file, or NULL after a reply. */
static int *find(uint32_t id, uint32_t handle) {
  if (handle < WB_FILE_LIMIT_HANDLES && handles[handle]) return &handles[handle];
  reply_error(id, EBADF, NULL);
  return NULL;
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
  uint32_t flags = read_u32(request), mode = read_u32(request), free_place = 0;
  const char *path = read_string(request);
  if (!request_is_whole(id, request)) return;
  while (free_place < WB_FILE_LIMIT_HANDLES && handles[free_place]) free_place++;
  if (flags & ~(uint32_t)OPEN_FLAGS || free_place == WB_FILE_LIMIT_HANDLES) {
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
  handles[free_place] = fd + 1;
  uint8_t *at = reply_begin(4 + WB_FILE_STAT_SIZE);
  put_u32(at, free_place);
  put_stat(at + 4, &file);
  reply_end(id, 0, 0, 4 + WB_FILE_STAT_SIZE);
}

void files_read(uint32_t id, struct reader *request) {
  uint32_t handle = read_u32(request);
  uint64_t offset = read_u64(request);
  uint32_t size = read_u32(request);
  if (!request_is_whole(id, request)) return;
  const int *place = find(id, handle);
  if (!place) return;
  if (size > WB_FILE_LIMIT_MESSAGE_BYTES || offset > INT64_MAX) {
    reply_error(id, EINVAL, NULL);
    return;
  }
  uint8_t *at = reply_begin(size);
  size_t done = 0;
  while (done < size) {
    ssize_t got = pread(*place - 1, at + done, size - done, (off_t)(offset + done));
    if (got < 0 && errno == ESPIPE) got = read(*place - 1, at + done, size - done);
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
  uint32_t handle = read_u32(request);
  uint64_t offset = read_u64(request);
  size_t done = 0;
  if (request->broken) {
    request_is_whole(id, request);
    return;
  }
  const int *place = find(id, handle);
  if (!place) return;
  if (offset > INT64_MAX) {
    reply_error(id, EINVAL, NULL);
    return;
  }
  while (done < request->left) {
    /* On a file that was opened for appending the offset says nothing. */
    ssize_t put = pwrite(*place - 1, request->at + done, request->left - done, (off_t)(offset + done));
    if (put < 0 && errno == ESPIPE) put = write(*place - 1, request->at + done, request->left - done);
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
  uint32_t handle = read_u32(request);
  if (!request_is_whole(id, request)) return;
  int *place = find(id, handle);
  if (!place) return;
  int fd = *place - 1;
  *place = 0;
  reply_result(id, close(fd));
}
