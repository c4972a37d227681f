#include "network.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/route.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include "lease.h"
#include "log.h"
#include "text_file.h"

#define CARD "eth0"
#define RESOLV_CONF "/etc/resolv.conf"

enum {
  SERVER_PORT = 67,
  CLIENT_PORT = 68,
  ANSWER_MS = 2000,
  FIRST_PAUSE_S = 1,
  LONGEST_PAUSE_S = 64,
  LEAST_LEASE_S = 60,
  RESOLV_LIMIT = 4096,
  LEAST_MTU = 576,
};

static struct lease current;
static uint8_t mac[DHCP_MAC_BYTES];

static int control(unsigned long request, struct ifreq *ifreq) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  memcpy(ifreq->ifr_name, CARD, sizeof CARD);
  int result = ioctl(fd, request, ifreq);
  close(fd);
  return result;
}

/* Learns the card's hardware address. Returns 1 when it is another one than before, -1 when there is no card. */
static int read_mac(void) {
  struct ifreq ifreq = {0};
  if (control(SIOCGIFHWADDR, &ifreq) != 0) return -1;
  int other = memcmp(mac, ifreq.ifr_hwaddr.sa_data, sizeof mac) != 0;
  memcpy(mac, ifreq.ifr_hwaddr.sa_data, sizeof mac);
  return other;
}

static void card_up(void) {
  struct ifreq ifreq = {0};
  if (control(SIOCGIFFLAGS, &ifreq) != 0 || ifreq.ifr_flags & IFF_UP) return;
  ifreq.ifr_flags |= IFF_UP;
  if (control(SIOCSIFFLAGS, &ifreq) != 0) log_line(CARD ": %s", strerror(errno));
}

static void set_address(unsigned long request, uint32_t address) {
  struct ifreq ifreq = {0};
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = address};
  memcpy(&ifreq.ifr_addr, &in, sizeof in);
  if (control(request, &ifreq) != 0) log_line(CARD "'s address: %s", strerror(errno));
}

static void set_mtu(uint16_t mtu) {
  struct ifreq ifreq = {.ifr_mtu = mtu};
  if (mtu >= LEAST_MTU && control(SIOCSIFMTU, &ifreq) != 0) log_line(CARD "'s MTU: %s", strerror(errno));
}

static void set_route(uint32_t router) {
  struct sockaddr_in any = {.sin_family = AF_INET}, gateway = {.sin_family = AF_INET, .sin_addr.s_addr = router};
  struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY, .rt_dev = CARD};
  memcpy(&route.rt_dst, &any, sizeof any);
  memcpy(&route.rt_genmask, &any, sizeof any);
  memcpy(&route.rt_gateway, &gateway, sizeof gateway);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  if (ioctl(fd, SIOCADDRT, &route) != 0 && errno != EEXIST) log_line("the default route: %s", strerror(errno));
  close(fd);
}

/* WHY compared: the file is on the disk, and what is not written need not be saved. */
static void set_resolver(uint32_t dns) {
  char text[64], address[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, &dns, address, sizeof address);
  snprintf(text, sizeof text, "nameserver %s\n", address);
  char *before = read_text_file(RESOLV_CONF, RESOLV_LIMIT);
  int same = before && strcmp(before, text) == 0;
  free(before);
  if (same) return;
  /* WHY a new file in its place: a reader finds the old one or the new one, whole. */
  int fd = open(RESOLV_CONF ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  int written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
  if (!written || rename(RESOLV_CONF ".new", RESOLV_CONF) != 0) log_line(RESOLV_CONF ": %s", strerror(errno));
  if (fd >= 0) close(fd);
}

static void apply(const struct lease *lease) {
  int changed = memcmp(lease, &current, sizeof current) != 0;
  current = *lease;
  if (!changed) return;
  set_mtu(lease->mtu);
  set_address(SIOCSIFADDR, lease->address);
  if (lease->mask) set_address(SIOCSIFNETMASK, lease->mask);
  if (lease->router) set_route(lease->router);
  if (lease->dns) set_resolver(lease->dns);
}

static int open_socket(void) {
  int on = 1;
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(CLIENT_PORT)};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  int ready = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
              setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) == 0 &&
              setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, CARD, sizeof CARD) == 0 &&
              bind(fd, (struct sockaddr *)&any, sizeof any) == 0;
  if (ready) return fd;
  close(fd);
  return -1;
}

static int64_t now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Asks and waits for the answer. Returns its type, 0 when there is none. */
static int ask(int fd, int type, const struct lease *offer, int renews, struct lease *lease) {
  uint8_t message[DHCP_MESSAGE_BYTES], answer[1500];
  uint32_t transaction = 0;
  struct sockaddr_in all = {
      .sin_family = AF_INET, .sin_port = htons(SERVER_PORT), .sin_addr.s_addr = htonl(INADDR_BROADCAST)};
  if (getrandom(&transaction, sizeof transaction, GRND_NONBLOCK) < 0) transaction = (uint32_t)now_ms();
  lease_request(message, type, transaction, mac, offer, renews);
  if (sendto(fd, message, sizeof message, 0, (struct sockaddr *)&all, sizeof all) < 0) return 0;
  int64_t end = now_ms() + ANSWER_MS;
  for (int64_t left = ANSWER_MS; left > 0; left = end - now_ms()) {
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    if (poll(&ready, 1, (int)left) <= 0) continue;
    ssize_t size = recv(fd, answer, sizeof answer, 0);
    int found = size > 0 ? lease_read(answer, (size_t)size, transaction, mac, lease) : 0;
    if (found) return found;
  }
  return 0;
}

/* Gets a lease, or renews the one that there is. Returns whether that worked. */
static int obtain(void) {
  struct lease offer, lease;
  card_up();
  int fd = open_socket();
  if (fd < 0) return 0;
  int answer = current.address ? ask(fd, DHCP_REQUEST, &current, 1, &lease) : 0;
  /* A refusal, or nobody who knows us: from the beginning. */
  if (answer != DHCP_ACK && ask(fd, DHCP_DISCOVER, NULL, 0, &offer) == DHCP_OFFER)
    answer = ask(fd, DHCP_REQUEST, &offer, 0, &lease);
  close(fd);
  if (answer == DHCP_ACK && lease.address) apply(&lease);
  return answer == DHCP_ACK;
}

/*
 * Waits until the time has come, or something says that this may be another network: the clock was set, as it is when a saved
 * machine goes on, or the card has got another hardware address, as it has when a copy does.
 */
static void wait_for(int clock, int links, uint32_t seconds) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  struct itimerspec time = {.it_value = {.tv_sec = now.tv_sec + (time_t)seconds, .tv_nsec = now.tv_nsec}};
  timerfd_settime(clock, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &time, NULL);
  for (;;) {
    struct pollfd ready[] = {{.fd = clock, .events = POLLIN}, {.fd = links, .events = POLLIN}};
    uint64_t times;
    char note[4096];
    if (poll(ready, 2, -1) < 0) continue;
    if (ready[1].revents) {
      while (recv(links, note, sizeof note, MSG_DONTWAIT) > 0) continue;
      if (read_mac() == 1) return;
    }
    if (ready[0].revents) {
      /* ECANCELED: the clock was set. */
      if (read(clock, &times, sizeof times) < 0 && errno != ECANCELED) continue;
      return;
    }
  }
}

void network_run(void) {
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
  int clock = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  int links = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (clock < 0 || links < 0 || bind(links, (struct sockaddr *)&address, sizeof address) != 0) die("network");
  for (uint32_t pause = FIRST_PAUSE_S;;) {
    int has = read_mac() >= 0 && obtain();
    if (has) pause = FIRST_PAUSE_S;
    else if (pause < LONGEST_PAUSE_S) pause *= 2;
    uint32_t half = current.seconds / 2;
    wait_for(clock, links, has ? (half > LEAST_LEASE_S ? half : LEAST_LEASE_S) : pause);
  }
}
