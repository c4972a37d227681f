#include "files_ops.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "accounts.h"
#include "reply.h"

enum { PERMISSIONS = 07777, STATVFS_BYTES = 40 };

int request_is_whole(uint32_t id, const struct reader *request) {
  if (!request->broken && request->left == 0) return 1;
  reply_error(id, EPROTO, "the request breaks a rule");
  return 0;
}

void reply_result(uint32_t id, int result) {
  if (result == 0) reply_done(id);
  else reply_error(id, errno, NULL);
}

static uint8_t *put_time(uint8_t *at, const struct timespec *time) {
  put_u64(at, (uint64_t)time->tv_sec);
  put_u32(at + 8, (uint32_t)time->tv_nsec);
  return at + 12;
}

uint8_t *put_stat(uint8_t *at, const struct stat *file) {
  put_u32(at, file->st_mode);
  put_u32(at + 4, file->st_uid);
  put_u32(at + 8, file->st_gid);
  put_u32(at + 12, (uint32_t)file->st_nlink);
  put_u64(at + 16, (uint64_t)file->st_size);
  put_u64(at + 24, file->st_ino);
  put_u64(at + 32, file->st_dev);
  put_u64(at + 40, (uint64_t)file->st_blocks);
  at = put_time(at + 48, &file->st_atim);
  at = put_time(at, &file->st_mtim);
  return put_time(at, &file->st_ctim);
}

static void reply_text(uint32_t id, const char *text, size_t length) {
  memcpy(reply_begin(length), text, length);
  reply_end(id, 0, 0, length);
}

static void stat_path(uint32_t id, struct reader *request, int flags) {
  const char *path = read_string(request);
  if (!request_is_whole(id, request)) return;
  struct stat file;
  if (fstatat(AT_FDCWD, path, &file, flags) != 0) {
    reply_error(id, errno, NULL);
    return;
  }
  put_stat(reply_begin(WB_FILE_STAT_SIZE), &file);
  reply_end(id, 0, 0, WB_FILE_STAT_SIZE);
}

static void rename_path(uint32_t id, struct reader *request) {
  const char *from = read_string(request), *to = read_string(request);
  if (request_is_whole(id, request)) reply_result(id, rename(from, to));
}

static void symlink_path(uint32_t id, struct reader *request) {
  const char *target = read_string(request), *path = read_string(request);
  if (request_is_whole(id, request)) reply_result(id, symlink(target, path));
}

static void chmod_path(uint32_t id, struct reader *request) {
  uint32_t mode = read_u32(request);
  const char *path = read_string(request);
  if (request_is_whole(id, request)) reply_result(id, chmod(path, mode & PERMISSIONS));
}

/* Empty names change nothing. */
static void chown_path(uint32_t id, struct reader *request) {
  const char *path = read_string(request), *user = read_string(request), *group = read_string(request);
  if (!request_is_whole(id, request)) return;
  uid_t uid = (uid_t)-1;
  gid_t gid = (gid_t)-1;
  if (*user) {
    struct account account;
    int error = account_find(&account, user);
    if (error) {
      reply_error(id, error == ENOENT ? EINVAL : error, "no such user");
      return;
    }
    uid = account.uid;
    account_free(&account);
  }
  int error = *group ? account_group(group, &gid) : 0;
  if (error) reply_error(id, error == ENOENT ? EINVAL : error, "no such group");
  else reply_result(id, chown(path, uid, gid));
}

static struct timespec read_time(struct reader *request) {
  uint64_t seconds = read_u64(request);
  return (struct timespec){.tv_sec = (time_t)seconds, .tv_nsec = (long)read_u32(request)};
}

static void utimes_path(uint32_t id, struct reader *request) {
  struct timespec times[2];
  times[0] = read_time(request);
  times[1] = read_time(request);
  const char *path = read_string(request);
  if (request_is_whole(id, request)) reply_result(id, utimensat(AT_FDCWD, path, times, 0));
}

static void readlink_path(uint32_t id, struct reader *request) {
  const char *path = read_string(request);
  char target[PATH_ROOM];
  if (!request_is_whole(id, request)) return;
  ssize_t length = readlink(path, target, sizeof target);
  if (length < 0) reply_error(id, errno, NULL);
  else reply_text(id, target, (size_t)length);
}

static void realpath_path(uint32_t id, struct reader *request) {
  const char *path = read_string(request);
  char real[PATH_ROOM];
  if (!request_is_whole(id, request)) return;
  if (!realpath(path, real)) reply_error(id, errno, NULL);
  else reply_text(id, real, strlen(real));
}

static void truncate_path(uint32_t id, struct reader *request) {
  uint64_t size = read_u64(request);
  const char *path = read_string(request);
  if (!request_is_whole(id, request)) return;
  if (size > INT64_MAX) reply_error(id, EFBIG, NULL);
  else reply_result(id, truncate(path, (off_t)size));
}

static void statvfs_path(uint32_t id, struct reader *request) {
  const char *path = read_string(request);
  if (!request_is_whole(id, request)) return;
  struct statvfs system;
  if (statvfs(path, &system) != 0) {
    reply_error(id, errno, NULL);
    return;
  }
  uint8_t *at = reply_begin(STATVFS_BYTES);
  put_u64(at, (uint64_t)system.f_blocks * system.f_frsize);
  put_u64(at + 8, (uint64_t)system.f_bfree * system.f_frsize);
  put_u64(at + 16, (uint64_t)system.f_bavail * system.f_frsize);
  put_u64(at + 24, system.f_files);
  put_u64(at + 32, system.f_ffree);
  reply_end(id, 0, 0, STATVFS_BYTES);
}

void files_serve(uint32_t id, uint32_t op, struct reader *request) {
  switch (op) {
    case WB_FILE_OP_OPEN: files_open(id, request); break;
    case WB_FILE_OP_READ: files_read(id, request); break;
    case WB_FILE_OP_WRITE: files_write(id, request); break;
    case WB_FILE_OP_CLOSE: files_close(id, request); break;
    case WB_FILE_OP_STAT: stat_path(id, request, 0); break;
    case WB_FILE_OP_LSTAT: stat_path(id, request, AT_SYMLINK_NOFOLLOW); break;
    case WB_FILE_OP_LIST: files_list(id, request); break;
    case WB_FILE_OP_MKDIR: files_mkdir(id, request); break;
    case WB_FILE_OP_REMOVE: files_remove(id, request); break;
    case WB_FILE_OP_RENAME: rename_path(id, request); break;
    case WB_FILE_OP_CHMOD: chmod_path(id, request); break;
    case WB_FILE_OP_CHOWN: chown_path(id, request); break;
    case WB_FILE_OP_UTIMES: utimes_path(id, request); break;
    case WB_FILE_OP_SYMLINK: symlink_path(id, request); break;
    case WB_FILE_OP_READLINK: readlink_path(id, request); break;
    case WB_FILE_OP_REALPATH: realpath_path(id, request); break;
    case WB_FILE_OP_TRUNCATE: truncate_path(id, request); break;
    case WB_FILE_OP_STATVFS: statvfs_path(id, request); break;
    default: reply_error(id, EPROTO, "an unknown operation");
  }
}
