#include "clock_seed.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include "log.h"
#include "wire.gen.h"

enum { NS_PER_SECOND = 1000000000 };

void set_clock(uint64_t ns) {
  struct timespec time = {.tv_sec = (time_t)(ns / NS_PER_SECOND), .tv_nsec = (long)(ns % NS_PER_SECOND)};
  if (clock_settime(CLOCK_REALTIME, &time) != 0) log_line("setting the clock: %s", strerror(errno));
}

void seed_random_pool(const uint8_t *seed, size_t size) {
  struct {
    struct rand_pool_info info;
    uint8_t bytes[WB_LIMIT_SEED_BYTES];
  } pool = {.info = {.entropy_count = (int)size * 8, .buf_size = (int)size}};
  if (size == 0) return;
  memcpy(pool.info.buf, seed, size);
  int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
  if (fd < 0 || ioctl(fd, RNDADDENTROPY, &pool) != 0) log_line("seeding the random pool: %s", strerror(errno));
  /* WHY: otherwise the seed shows only when the kernel reseeds on its own, which may take minutes after a restored state. */
  if (fd >= 0 && ioctl(fd, RNDRESEEDCRNG) != 0) log_line("reseeding: %s", strerror(errno));
  if (fd >= 0) close(fd);
  explicit_bzero(&pool, sizeof pool);
}
