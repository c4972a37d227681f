/* Which path each inotify watch stands for. */
#ifndef WATCH_TREE_H
#define WATCH_TREE_H
#include <stddef.h>

/* Remembers the path of a watch; a watch that is known gets the new one. 0, or -1 when there is no memory. */
int watch_tree_add(int descriptor, const char *path);
/* NULL when it is not known. */
const char *watch_tree_path(int descriptor);
void watch_tree_forget(int descriptor);
/* A directory has another path now: it and all below it. 0, or -1 when there is no memory. */
int watch_tree_rename(const char *from, const char *to);
/* Calls `drop` for the directory and all below it, and forgets them. */
void watch_tree_drop(const char *path, void (*drop)(int descriptor));

#endif
