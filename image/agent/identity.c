#include "identity.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "log.h"

#define MACHINE_ID "/etc/machine-id"
#define SSH_FOLDER "/etc/ssh"
#define KEY_PREFIX "ssh_host_"

void set_machine_id(const uint8_t id[MACHINE_ID_BYTES]) {
  char text[2 * MACHINE_ID_BYTES + 2];
  for (size_t i = 0; i < MACHINE_ID_BYTES; i++) snprintf(text + 2 * i, 3, "%02x", id[i]);
  text[2 * MACHINE_ID_BYTES] = '\n';
  /* WHY a new file in its place: a reader finds the old one or the new one, whole. */
  int fd = open(MACHINE_ID ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0444);
  int written = fd >= 0 && write(fd, text, sizeof text - 1) == (ssize_t)(sizeof text - 1);
  if (!written || rename(MACHINE_ID ".new", MACHINE_ID) != 0) log_line("%s: %s", MACHINE_ID, strerror(errno));
  if (fd >= 0) close(fd);
}

void set_mac(const uint8_t mac[MAC_BYTES]) {
  struct ifreq request = {.ifr_name = "eth0"};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return; /* a kernel without a network */
  request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
  memcpy(request.ifr_hwaddr.sa_data, mac, MAC_BYTES);
  if (ioctl(fd, SIOCSIFHWADDR, &request) != 0 && errno != ENODEV) log_line("eth0's address: %s", strerror(errno));
  close(fd);
}

static int remove_host_keys(void) {
  int removed = 0;
  DIR *folder = opendir(SSH_FOLDER);
  if (!folder) return 0;
  for (struct dirent *entry; (entry = readdir(folder));) {
    if (strncmp(entry->d_name, KEY_PREFIX, sizeof KEY_PREFIX - 1) != 0) continue;
    if (unlinkat(dirfd(folder), entry->d_name, 0) == 0) removed++;
  }
  closedir(folder);
  return removed;
}

void renew_host_keys(void) {
  if (remove_host_keys() == 0) return;
  pid_t pid = fork();
  if (pid == 0) {
    /* WHY a child of a child: it is init's then, and not one of the agent's processes. */
    if (fork() != 0) _exit(0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execl("/usr/bin/ssh-keygen", "ssh-keygen", "-A", NULL);
    _exit(1);
  }
  if (pid > 0) waitpid(pid, NULL, 0);
}
