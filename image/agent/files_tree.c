#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "files_ops.h"
#include "reply.h"

enum { ENTRY_ROOM = WB_FILE_STAT_SIZE + 4 + PATH_ROOM, PERMISSIONS = 07777, SPECIAL = 06000 };

/* Where a walk is: the path of the directory, relative to where it began, with a slash at its end unless it is empty. */
struct walk {
  uint32_t id;
  int recursive;
  unsigned depth;
  size_t length;
  char path[PATH_ROOM];
  uint8_t *piece; /* of a listing: the reply that is being filled */
  size_t used;
};

static int is_dot(const char *name) {
  return name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));
}

/* Opens a directory below `parent`; its path must not be a symbolic link. */
static DIR *open_below(int parent, const char *name) {
  int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *directory = fd < 0 ? NULL : fdopendir(fd);
  int error = errno;
  if (!directory && fd >= 0) close(fd);
  errno = error;
  return directory;
}

/* Goes down into `name`. -1 with errno when that is too deep. */
static int enter(struct walk *walk, const char *name) {
  size_t length = strlen(name);
  if (walk->depth == WB_FILE_LIMIT_DEPTH || walk->length + length + 2 > sizeof walk->path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memcpy(walk->path + walk->length, name, length);
  walk->length += length;
  walk->path[walk->length++] = '/';
  walk->path[walk->length] = 0;
  walk->depth++;
  return 0;
}

static void leave(struct walk *walk, size_t length) {
  walk->length = length;
  walk->path[length] = 0;
  walk->depth--;
}

static void begin_piece(struct walk *walk) {
  walk->piece = reply_begin(WB_FILE_LIMIT_PIECE_BYTES + ENTRY_ROOM);
  walk->used = 0;
}

static int add_entry(struct walk *walk, const char *name, const struct stat *file) {
  size_t length = strlen(name);
  if (walk->length + length >= PATH_ROOM) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memcpy(walk->path + walk->length, name, length);
  uint8_t *at = put_stat(walk->piece + walk->used, file);
  at = put_string(at, walk->path, walk->length + length);
  walk->path[walk->length] = 0;
  walk->used = (size_t)(at - walk->piece);
  if (walk->used >= WB_FILE_LIMIT_PIECE_BYTES) {
    reply_end(walk->id, WB_FILE_REPLY_MORE, 0, walk->used);
    begin_piece(walk);
  }
  return 0;
}

/* Lists an open directory and closes it. 0, or -1 with errno; then walk->path says where. */
static int list_directory(struct walk *walk, DIR *directory) {
  int result = 0;
  for (const struct dirent *entry; result == 0 && (errno = 0, entry = readdir(directory));) {
    struct stat file;
    if (is_dot(entry->d_name)) continue;
    if (fstatat(dirfd(directory), entry->d_name, &file, AT_SYMLINK_NOFOLLOW) != 0) {
      /* It went while we looked. */
      if (errno == ENOENT) continue;
      result = -1;
      break;
    }
    result = add_entry(walk, entry->d_name, &file);
    if (result != 0 || !walk->recursive || !S_ISDIR(file.st_mode)) continue;
    size_t length = walk->length;
    if ((result = enter(walk, entry->d_name)) != 0) break;
    DIR *inner = open_below(dirfd(directory), entry->d_name);
    if (inner) result = list_directory(walk, inner);
    else if (errno != ENOENT) result = -1;
    if (result == 0) leave(walk, length);
  }
  if (result == 0 && errno != 0 && errno != ENOENT) result = -1;
  int error = errno;
  closedir(directory);
  errno = error;
  return result;
}

void files_list(uint32_t id, struct reader *request) {
  static struct walk walk;
  uint32_t flags = read_u32(request);
  const char *path = read_string(request);
  if (!request_is_whole(id, request)) return;
  walk = (struct walk){.id = id, .recursive = (flags & WB_FILE_TREE_RECURSIVE) != 0};
  DIR *directory = opendir(path);
  begin_piece(&walk);
  if (directory && list_directory(&walk, directory) == 0) reply_end(id, 0, 0, walk.used);
  else reply_error(id, errno, walk.length ? walk.path : NULL);
}

static int make_directory(const char *path, uint32_t mode) {
  if (mkdir(path, mode & PERMISSIONS) != 0) return -1;
  /* mkdir itself leaves these bits out. */
  return mode & SPECIAL ? chmod(path, mode & PERMISSIONS) : 0;
}

/* Makes what is missing of the path before `end`, with the ordinary mode. */
static int make_parents(char *path, char *end) {
  for (char *slash = path; (slash = strchr(slash + 1, '/')) && slash < end;) {
    *slash = 0;
    struct stat file;
    int failed = mkdir(path, 0755) != 0, error = errno;
    /* WHY: what is there may be told by another error than EEXIST, such as that of a read-only file system. */
    if (failed && stat(path, &file) == 0) failed = 0;
    *slash = '/';
    errno = error;
    if (failed) return -1;
  }
  return 0;
}

static int make_path(char *path, uint32_t mode) {
  char *end = path + strlen(path);
  while (end > path + 1 && end[-1] == '/') *--end = 0;
  struct stat file;
  if (stat(path, &file) == 0) {
    if (S_ISDIR(file.st_mode)) return 0;
    errno = EEXIST;
    return -1;
  }
  char *slash = strrchr(path, '/');
  if (slash && make_parents(path, slash + 1) != 0) return -1;
  if (make_directory(path, mode) == 0) return 0;
  /* Somebody else was quicker. */
  return errno == EEXIST && stat(path, &file) == 0 && S_ISDIR(file.st_mode) ? 0 : -1;
}

void files_mkdir(uint32_t id, struct reader *request) {
  uint32_t flags = read_u32(request), mode = read_u32(request);
  char *path = read_string(request);
  if (!request_is_whole(id, request)) return;
  reply_result(id, flags & WB_FILE_TREE_RECURSIVE ? make_path(path, mode) : make_directory(path, mode));
}

static int remove_entry(struct walk *walk, int parent, const char *name);

/* Removes what is in an open directory and closes it. 0, or -1 with errno; then walk->path says where. */
static int empty_directory(struct walk *walk, DIR *directory) {
  int result = 0;
  for (const struct dirent *entry; result == 0 && (errno = 0, entry = readdir(directory));)
    if (!is_dot(entry->d_name)) result = remove_entry(walk, dirfd(directory), entry->d_name);
  if (result == 0 && errno != 0) result = -1;
  int error = errno;
  closedir(directory);
  errno = error;
  return result;
}

/* What is gone already counts as removed. */
static int remove_entry(struct walk *walk, int parent, const char *name) {
  if (unlinkat(parent, name, 0) == 0 || errno == ENOENT) return 0;
  int first = errno;
  /* A directory cannot be unlinked: EISDIR, and EPERM on some file systems. */
  if (first != EISDIR && first != EPERM) return -1;
  size_t length = walk->length;
  if (enter(walk, name) != 0) return -1;
  DIR *directory = open_below(parent, name);
  if (!directory) {
    if (errno == ENOTDIR) errno = first;
    return -1;
  }
  if (empty_directory(walk, directory) != 0) return -1;
  if (unlinkat(parent, name, AT_REMOVEDIR) != 0 && errno != ENOENT) return -1;
  leave(walk, length);
  return 0;
}

/* As rm: neither the root directory nor a path that ends in "." or "..". */
static int may_remove_tree(const char *path) {
  struct stat file, root;
  const char *slash = strrchr(path, '/');
  if (is_dot(slash ? slash + 1 : path)) errno = EINVAL;
  else if (lstat(path, &file) != 0 || stat("/", &root) != 0) return 0;
  else if (file.st_dev == root.st_dev && file.st_ino == root.st_ino) errno = EBUSY;
  else return 1;
  return 0;
}

void files_remove(uint32_t id, struct reader *request) {
  static struct walk walk;
  uint32_t flags = read_u32(request);
  char *path = read_string(request);
  if (!request_is_whole(id, request)) return;
  if (!(flags & WB_FILE_TREE_RECURSIVE)) {
    /* musl's remove(): unlink, or rmdir for a directory. */
    reply_result(id, remove(path));
    return;
  }
  /* WHY: with a slash at its end a path means what a link points to. */
  for (char *end = path + strlen(path); end > path + 1 && end[-1] == '/';) *--end = 0;
  walk = (struct walk){.id = id};
  if (may_remove_tree(path) && remove_entry(&walk, AT_FDCWD, path) == 0) reply_done(id);
  else reply_error(id, errno, walk.length ? walk.path : NULL);
}
