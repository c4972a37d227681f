#include "watch_tree.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
  int descriptor;
  char *path;
};

/* In the order of descriptors: the kernel counts them up. */
static struct entry *entries;
static size_t count, room;

/* Position of the first entry that is not before `descriptor`. */
static size_t find(int descriptor) {
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (entries[middle].descriptor < descriptor) low = middle + 1;
    else high = middle;
  }
  return low;
}

static int is_at(size_t position, int descriptor) {
  return position < count && entries[position].descriptor == descriptor;
}

int watch_tree_add(int descriptor, const char *path) {
  size_t at = find(descriptor);
  char *copy = strdup(path);
  if (!copy) return -1;
  if (is_at(at, descriptor)) {
    free(entries[at].path);
    entries[at].path = copy;
    return 0;
  }
  if (count == room) {
    size_t more = room ? room * 2 : 64;
    struct entry *larger = realloc(entries, more * sizeof *larger);
    if (!larger) {
      free(copy);
      return -1;
    }
    entries = larger;
    room = more;
  }
  memmove(entries + at + 1, entries + at, (count - at) * sizeof *entries);
  entries[at] = (struct entry){descriptor, copy};
  count++;
  return 0;
}

const char *watch_tree_path(int descriptor) {
  size_t at = find(descriptor);
  return is_at(at, descriptor) ? entries[at].path : NULL;
}

static void forget(size_t at) {
  free(entries[at].path);
  memmove(entries + at, entries + at + 1, (count - at - 1) * sizeof *entries);
  count--;
}

void watch_tree_forget(int descriptor) {
  size_t at = find(descriptor);
  if (is_at(at, descriptor)) forget(at);
}

/* What follows `base` in a path that is it or lies below it, or NULL. */
static const char *below(const char *path, const char *base) {
  size_t length = strlen(base);
  if (strncmp(path, base, length) != 0) return NULL;
  return path[length] == 0 || path[length] == '/' ? path + length : NULL;
}

int watch_tree_rename(const char *from, const char *to) {
  for (size_t i = 0; i < count; i++) {
    const char *rest = below(entries[i].path, from);
    if (!rest) continue;
    size_t size = strlen(to) + strlen(rest) + 1;
    char *path = malloc(size);
    if (!path) return -1;
    snprintf(path, size, "%s%s", to, rest);
    free(entries[i].path);
    entries[i].path = path;
  }
  return 0;
}

void watch_tree_drop(const char *path, void (*drop)(int descriptor)) {
  for (size_t i = count; i-- > 0;) {
    if (!below(entries[i].path, path)) continue;
    drop(entries[i].descriptor);
    forget(i);
  }
}
