#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include "fields.h"
#include "files.h"
#include "reply.h"
#include "watch_tree.h"

enum {
  PATH_ROOM = 4096,
  INPUT_BYTES = 64 * 1024,
  /* The other half of a rename comes at once, when there is one. */
  RENAME_WAIT_MS = 20,
  EVENTS = IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF |
           IN_MOVE_SELF,
};

static int notify = -1;
static int recursive;
static int root_watch = -1;

/* The first half of a rename, until the second has come; no cookie: none. */
static struct {
  uint32_t cookie;
  int is_directory;
  char path[PATH_ROOM];
} moved;

static void tell(uint8_t kind, int is_directory, const char *path, const char *from) {
  size_t length = strlen(path), from_length = strlen(from);
  uint8_t *start = reply_begin(4 + 4 + length + 4 + from_length);
  start[0] = kind;
  start[1] = (uint8_t)is_directory;
  put_u16(start + 2, 0);
  uint8_t *end = put_string(put_string(start + 4, path, length), from, from_length);
  reply_end(0, 0, 0, (size_t)(end - start));
}

static void fail(int error, const char *what) {
  reply_error(0, error, what);
  reply_flush();
  exit(1);
}

/* 0 when the path is too long to be watched. */
static int join(char *path, const char *directory, const char *name) {
  const char *slash = *directory && directory[strlen(directory) - 1] == '/' ? "" : "/";
  return snprintf(path, PATH_ROOM, "%s%s%s", directory, slash, name) < PATH_ROOM;
}

static void drop_watch(int descriptor) {
  inotify_rm_watch(notify, descriptor);
}

/* Adds a watch below the root. What went meanwhile is no failure; what cannot be watched ends the program. */
static int add_watch(const char *path) {
  int descriptor = inotify_add_watch(notify, path, EVENTS | IN_ONLYDIR | IN_DONT_FOLLOW);
  if (descriptor < 0 && (errno == ENOENT || errno == ENOTDIR)) return -1;
  if (descriptor < 0 || watch_tree_add(descriptor, path) != 0) fail(descriptor < 0 ? errno : ENOMEM, path);
  return 0;
}

/* Watches the directories below `path`. `announce`: what is found has just appeared. */
static void add_below(const char *path, int announce) {
  DIR *directory = opendir(path);
  if (!directory && (errno == ENOENT || errno == ENOTDIR)) return;
  if (!directory) fail(errno, path);
  char *inner = malloc(PATH_ROOM);
  if (!inner) fail(ENOMEM, path);
  for (const struct dirent *entry; (entry = readdir(directory));) {
    struct stat file;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (!join(inner, path, entry->d_name)) fail(ENAMETOOLONG, path);
    if (lstat(inner, &file) != 0) continue;
    if (announce) tell(WB_FILE_EVENT_CREATED, S_ISDIR(file.st_mode), inner, "");
    if (S_ISDIR(file.st_mode) && add_watch(inner) == 0) add_below(inner, announce);
  }
  free(inner);
  closedir(directory);
}

/* A directory has appeared: what was put into it before it is watched is found by looking. */
static void appeared(const char *path) {
  if (recursive && add_watch(path) == 0) add_below(path, 1);
}

/* The other half did not come: it went to a place that nobody watches. */
static void settle_move(void) {
  if (!moved.cookie) return;
  moved.cookie = 0;
  if (recursive && moved.is_directory) watch_tree_drop(moved.path, drop_watch);
  tell(WB_FILE_EVENT_DELETED, moved.is_directory, moved.path, "");
}

static void handle_move_to(uint32_t cookie, int is_directory, const char *path) {
  if (moved.cookie != cookie) {
    settle_move();
    tell(WB_FILE_EVENT_CREATED, is_directory, path, "");
    if (is_directory) appeared(path);
    return;
  }
  moved.cookie = 0;
  if (is_directory && watch_tree_rename(moved.path, path) != 0) fail(ENOMEM, path);
  tell(WB_FILE_EVENT_RENAMED, is_directory, path, moved.path);
}

/* Of the root itself; it may be a file. Ends the program when it is gone. */
static void handle_self(const struct inotify_event *event, const char *path) {
  if (event->wd != root_watch) return;
  if (event->mask & IN_MODIFY) tell(WB_FILE_EVENT_MODIFIED, 0, path, "");
  if (event->mask & IN_CLOSE_WRITE) tell(WB_FILE_EVENT_WRITTEN, 0, path, "");
  if (event->mask & IN_ATTRIB) tell(WB_FILE_EVENT_ATTRIBUTES, (event->mask & IN_ISDIR) != 0, path, "");
  if (!(event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED))) return;
  tell(WB_FILE_EVENT_DELETED, (event->mask & IN_ISDIR) != 0, path, "");
  reply_flush();
  exit(0);
}

static void handle(const struct inotify_event *event) {
  static char path[PATH_ROOM];
  int is_directory = (event->mask & IN_ISDIR) != 0;
  if (!(event->mask & IN_MOVED_TO)) settle_move();
  if (event->mask & IN_Q_OVERFLOW) {
    tell(WB_FILE_EVENT_OVERFLOW, 0, "", "");
    return;
  }
  const char *directory = watch_tree_path(event->wd);
  if (!directory) return;
  if (event->len == 0) {
    handle_self(event, directory);
    if (event->mask & IN_IGNORED) watch_tree_forget(event->wd);
    return;
  }
  if (!join(path, directory, event->name)) return;
  if (event->mask & IN_CREATE) tell(WB_FILE_EVENT_CREATED, is_directory, path, "");
  if (event->mask & IN_CREATE && is_directory) appeared(path);
  if (event->mask & IN_MODIFY) tell(WB_FILE_EVENT_MODIFIED, is_directory, path, "");
  if (event->mask & IN_CLOSE_WRITE) tell(WB_FILE_EVENT_WRITTEN, is_directory, path, "");
  if (event->mask & IN_ATTRIB) tell(WB_FILE_EVENT_ATTRIBUTES, is_directory, path, "");
  if (event->mask & IN_DELETE) tell(WB_FILE_EVENT_DELETED, is_directory, path, "");
  if (event->mask & IN_MOVED_TO) handle_move_to(event->cookie, is_directory, path);
  if (event->mask & IN_MOVED_FROM) {
    moved.cookie = event->cookie;
    moved.is_directory = is_directory;
    strcpy(moved.path, path);
  }
}

static void read_events(void) {
  static uint8_t input[INPUT_BYTES] __attribute__((aligned(__alignof__(struct inotify_event))));
  ssize_t got = read(notify, input, sizeof input);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got < 0) fail(errno, NULL);
  for (size_t at = 0; at < (size_t)got;) {
    const struct inotify_event *event = (const void *)(input + at);
    handle(event);
    at += sizeof *event + event->len;
  }
}

/* Returns 0 when stdin has ended. */
static int stdin_is_open(void) {
  char byte;
  ssize_t got = read(STDIN_FILENO, &byte, 1);
  return got > 0 || (got < 0 && errno == EINTR);
}

int watch_run(const char *path, int below_too) {
  recursive = below_too;
  struct stat file;
  notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (notify < 0) fail(errno, "inotify");
  root_watch = inotify_add_watch(notify, path, EVENTS);
  if (root_watch < 0 || stat(path, &file) != 0) fail(errno, NULL);
  if (watch_tree_add(root_watch, path) != 0) fail(ENOMEM, NULL);
  if (recursive && S_ISDIR(file.st_mode)) add_below(path, 0);
  tell(WB_FILE_EVENT_READY, 0, "", "");
  for (;;) {
    reply_flush();
    struct pollfd ready[] = {{.fd = notify, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
    int count = poll(ready, 2, moved.cookie ? RENAME_WAIT_MS : -1);
    if (count == 0) settle_move();
    if (count <= 0) continue;
    if (ready[0].revents) read_events();
    if (ready[1].revents && !stdin_is_open()) return 0;
  }
}
