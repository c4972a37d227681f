#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "fields.h"
#include "files.h"
#include "reply.h"

/* WHY polling: the kernel tells nobody when a socket begins to listen. */
enum { POLL_MS = 250, LISTENERS = 1024, LISTEN_STATE = 0x0a, LINE_BYTES = 512, NAME_BYTES = 32 };

struct listener {
  unsigned long inode;
  uint16_t port;
  uint8_t seen; /* in this round */
  uint32_t pid;
  char address[INET6_ADDRSTRLEN], process[NAME_BYTES];
};

static struct listener listeners[LISTENERS];
static size_t listener_count;

static void tell(const struct listener *listener, uint8_t state) {
  size_t address = strlen(listener->address), process = strlen(listener->process);
  uint8_t *start = reply_begin(8 + 4 + address + 4 + process);
  start[0] = state;
  start[1] = 0;
  put_u16(start + 2, listener->port);
  put_u32(start + 4, listener->pid);
  uint8_t *end = put_string(put_string(start + 8, listener->address, address), listener->process, process);
  reply_end(0, 0, 0, (size_t)(end - start));
}

static int has_socket(const char *pid, const char *wanted) {
  char path[300], target[64];
  snprintf(path, sizeof path, "/proc/%.20s/fd", pid);
  DIR *descriptors = opendir(path);
  if (!descriptors) return 0;
  int found = 0;
  for (const struct dirent *entry; !found && (entry = readdir(descriptors));) {
    ssize_t length = readlinkat(dirfd(descriptors), entry->d_name, target, sizeof target - 1);
    if (length < 0) continue;
    target[length] = 0;
    found = strcmp(target, wanted) == 0;
  }
  closedir(descriptors);
  return found;
}

static void read_name(struct listener *listener) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%u/comm", (unsigned)listener->pid);
  FILE *file = fopen(path, "re");
  if (!file) return;
  if (fgets(listener->process, sizeof listener->process, file)) listener->process[strcspn(listener->process, "\n")] = 0;
  fclose(file);
}

/* Finds the process with the smallest number that has the socket open: of a server and its children the server. */
static void find_process(struct listener *listener) {
  char wanted[64];
  snprintf(wanted, sizeof wanted, "socket:[%lu]", listener->inode);
  DIR *processes = opendir("/proc");
  if (!processes) return;
  for (const struct dirent *entry; (entry = readdir(processes));) {
    unsigned long pid = isdigit((unsigned char)entry->d_name[0]) ? strtoul(entry->d_name, NULL, 10) : 0;
    if (pid == 0 || (listener->pid && pid > listener->pid)) continue;
    if (has_socket(entry->d_name, wanted)) listener->pid = (uint32_t)pid;
  }
  closedir(processes);
  if (listener->pid) read_name(listener);
}

static void found(const char *address, uint16_t port, unsigned long inode) {
  for (size_t i = 0; i < listener_count; i++) {
    struct listener *known = &listeners[i];
    if (known->port != port || strcmp(known->address, address) != 0) continue;
    /* WHY not for another socket: when somebody else listens there now, this one is told closed and the next round finds that one. */
    if (known->inode == inode) known->seen = 1;
    return;
  }
  if (listener_count == LISTENERS) return;
  struct listener *fresh = &listeners[listener_count++];
  *fresh = (struct listener){.inode = inode, .port = port, .seen = 1};
  strcpy(fresh->address, address);
  find_process(fresh);
  tell(fresh, WB_PORT_STATE_LISTENING);
}

/* Makes the text of an address out of the kernel's: 32-bit words, each as this computer has it in memory. */
static int parse_address(const char *hex, char *text) {
  size_t words = strlen(hex) / 8;
  uint32_t address[4];
  for (size_t i = 0; i < words && i < 4; i++) {
    char word[9];
    memcpy(word, hex + i * 8, 8);
    word[8] = 0;
    address[i] = (uint32_t)strtoul(word, NULL, 16);
  }
  if (words != 1 && words != 4) return 0;
  return inet_ntop(words == 1 ? AF_INET : AF_INET6, address, text, INET6_ADDRSTRLEN) != NULL;
}

static void read_table(const char *path) {
  char line[LINE_BYTES], hex[33], address[INET6_ADDRSTRLEN];
  FILE *file = fopen(path, "re");
  if (!file) return;
  while (fgets(line, sizeof line, file)) {
    unsigned port, state;
    unsigned long inode;
    if (sscanf(line, " %*u: %32[0-9A-F]:%x %*s %x %*s %*s %*s %*s %*s %lu", hex, &port, &state, &inode) != 4) continue;
    if (state == LISTEN_STATE && parse_address(hex, address)) found(address, (uint16_t)port, inode);
  }
  fclose(file);
}

static void look(void) {
  for (size_t i = 0; i < listener_count; i++) listeners[i].seen = 0;
  read_table("/proc/net/tcp");
  read_table("/proc/net/tcp6");
  size_t kept = 0;
  for (size_t i = 0; i < listener_count; i++) {
    if (listeners[i].seen) listeners[kept++] = listeners[i];
    else tell(&listeners[i], WB_PORT_STATE_CLOSED);
  }
  listener_count = kept;
  reply_flush();
}

int ports_run(void) {
  look();
  tell(&(struct listener){0}, WB_PORT_STATE_READY);
  for (;;) {
    reply_flush();
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    int count = poll(&input, 1, POLL_MS);
    char byte;
    if (count > 0) {
      ssize_t got = read(STDIN_FILENO, &byte, 1);
      if (got == 0 || (got < 0 && errno != EINTR)) return 0;
    }
    look();
  }
}
