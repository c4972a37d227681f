#include "machine.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "log.h"
#include "text_file.h"

/* fs/ext4/ext4.h; not in the headers for programs. */
#define EXT4_IOC_RESIZE_FS _IOW('f', 16, uint64_t)

enum { HOSTNAME_LIMIT = 4096, SECTORS_LIMIT = 64, SECTOR = 512, PLAIN = MS_NOSUID | MS_NODEV | MS_NOEXEC };

static const struct {
  const char *type, *path, *data;
  unsigned long flags;
  int optional;
} mounts[] = {
    {"proc", "/proc", NULL, PLAIN, 0},
    {"sysfs", "/sys", NULL, PLAIN, 0},
    {"devtmpfs", "/dev", "mode=755", MS_NOSUID, 0},
    {"devpts", "/dev/pts", "gid=5,mode=620,ptmxmode=666", MS_NOSUID | MS_NOEXEC, 0},
    {"tmpfs", "/dev/shm", "mode=1777", MS_NOSUID | MS_NODEV, 0},
    {"tmpfs", "/run", "mode=755", MS_NOSUID | MS_NODEV, 0},
    {"cgroup2", "/sys/fs/cgroup", NULL, PLAIN, 1},
};

static const char *const links[][2] = {
    {"/proc/self/fd", "/dev/fd"},
    {"/proc/self/fd/0", "/dev/stdin"},
    {"/proc/self/fd/1", "/dev/stdout"},
    {"/proc/self/fd/2", "/dev/stderr"},
};

void machine_mount(void) {
  umask(022);
  struct statvfs root;
  if (statvfs("/", &root) == 0 && root.f_flag & ST_RDONLY) mount(NULL, "/", NULL, MS_REMOUNT | MS_RELATIME, NULL);
  for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++) {
    mkdir(mounts[i].path, 0755);
    if (mount(mounts[i].type, mounts[i].path, mounts[i].type, mounts[i].flags, mounts[i].data) == 0) continue;
    /* EBUSY: the kernel has already mounted it. */
    if (errno != EBUSY && !mounts[i].optional) log_line("mounting %s: %s", mounts[i].path, strerror(errno));
  }
  for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
    if (symlink(links[i][0], links[i][1]) != 0 && errno != EEXIST) log_line("%s: %s", links[i][1], strerror(errno));
  }
}

static void set_hostname(void) {
  char *text = read_text_file("/etc/hostname", HOSTNAME_LIMIT), *rest = text;
  const char *name = next_line(&rest);
  if (name && *name && sethostname(name, strlen(name)) != 0) log_line("setting the host name: %s", strerror(errno));
  free(text);
}

static void loopback_up(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return; /* a kernel without a network */
  if (ioctl(fd, SIOCSIFFLAGS, &request) != 0) log_line("loopback: %s", strerror(errno));
  close(fd);
}

/* The disk may be larger than the image it was made from: the root file system takes all of it. */
static void grow_root(void) {
  struct stat root;
  char path[64];
  int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  if (fstat(fd, &root) == 0) {
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u/size", major(root.st_dev), minor(root.st_dev));
    char *text = read_text_file(path, SECTORS_LIMIT);
    struct statfs system;
    if (text && fstatfs(fd, &system) == 0 && system.f_type == EXT4_SUPER_MAGIC) {
      uint64_t blocks = strtoull(text, NULL, 10) * SECTOR / (uint64_t)system.f_bsize;
      /* WHY without comparing: the kernel does nothing when the size is right, and only it knows the metadata's share. */
      if (blocks && ioctl(fd, EXT4_IOC_RESIZE_FS, &blocks) != 0) log_line("growing the disk: %s", strerror(errno));
    }
    free(text);
  }
  close(fd);
}

void machine_configure(void) {
  grow_root();
  mkdir("/run/lock", 0755);
  if (chmod("/run/lock", 01777) != 0) log_line("/run/lock: %s", strerror(errno));
  chmod("/tmp", 01777);
  set_hostname();
  loopback_up();
}
