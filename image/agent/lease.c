#include "lease.h"
#include <arpa/inet.h>
#include <string.h>

enum { FIXED = 240, COOKIE_AT = 236, REQUEST = 1, REPLY = 2, ETHERNET = 1, FLAG_BROADCAST = 0x80 };
enum {
  OPTION_PAD = 0,
  OPTION_MASK = 1,
  OPTION_ROUTER = 3,
  OPTION_DNS = 6,
  OPTION_MTU = 26,
  OPTION_ADDRESS = 50,
  OPTION_SECONDS = 51,
  OPTION_TYPE = 53,
  OPTION_SERVER = 54,
  OPTION_WANTED = 55,
  OPTION_END = 255,
};

static const uint8_t cookie[4] = {0x63, 0x82, 0x53, 0x63};

static uint8_t *add_u32(uint8_t *at, uint8_t option, uint32_t value) {
  *at++ = option;
  *at++ = sizeof value;
  memcpy(at, &value, sizeof value);
  return at + sizeof value;
}

void lease_request(uint8_t *message, int type, uint32_t transaction, const uint8_t *mac, const struct lease *offer,
                   int renews) {
  static const uint8_t wanted[] = {OPTION_WANTED, 4, OPTION_MASK, OPTION_ROUTER, OPTION_DNS, OPTION_MTU};
  memset(message, 0, DHCP_MESSAGE_BYTES);
  message[0] = REQUEST;
  message[1] = ETHERNET;
  message[2] = DHCP_MAC_BYTES;
  memcpy(message + 4, &transaction, sizeof transaction);
  if (renews) memcpy(message + 12, &offer->address, sizeof offer->address);
  /* WHY: without an address only a broadcast reaches us. */
  else message[10] = FLAG_BROADCAST;
  memcpy(message + 28, mac, DHCP_MAC_BYTES);
  memcpy(message + COOKIE_AT, cookie, sizeof cookie);
  uint8_t *at = message + FIXED;
  *at++ = OPTION_TYPE;
  *at++ = 1;
  *at++ = (uint8_t)type;
  if (offer && !renews) {
    at = add_u32(at, OPTION_ADDRESS, offer->address);
    at = add_u32(at, OPTION_SERVER, offer->server);
  }
  memcpy(at, wanted, sizeof wanted);
  at[sizeof wanted] = OPTION_END;
}

/* The first four bytes of an option, in network byte order; 0 when it is shorter. */
static uint32_t first_u32(const uint8_t *value, size_t length) {
  uint32_t number = 0;
  if (length >= sizeof number) memcpy(&number, value, sizeof number);
  return number;
}

static int read_options(const uint8_t *at, const uint8_t *end, struct lease *lease) {
  int type = 0;
  while (at < end && *at != OPTION_END) {
    uint8_t option = *at++;
    if (option == OPTION_PAD) continue;
    if (at == end || *at > end - at - 1) break;
    size_t length = *at++;
    uint32_t number = first_u32(at, length);
    if (option == OPTION_TYPE && length == 1) type = at[0];
    if (option == OPTION_MASK) lease->mask = number;
    if (option == OPTION_ROUTER) lease->router = number;
    if (option == OPTION_DNS) lease->dns = number;
    if (option == OPTION_SERVER) lease->server = number;
    if (option == OPTION_SECONDS) lease->seconds = ntohl(number);
    if (option == OPTION_MTU && length == 2) lease->mtu = (uint16_t)(at[0] << 8 | at[1]);
    at += length;
  }
  return type;
}

int lease_read(const uint8_t *message, size_t size, uint32_t transaction, const uint8_t *mac, struct lease *lease) {
  if (size < FIXED || message[0] != REPLY || memcmp(message + COOKIE_AT, cookie, sizeof cookie) != 0) return 0;
  if (memcmp(message + 4, &transaction, sizeof transaction) != 0) return 0;
  if (memcmp(message + 28, mac, DHCP_MAC_BYTES) != 0) return 0;
  memset(lease, 0, sizeof *lease);
  memcpy(&lease->address, message + 16, sizeof lease->address);
  return read_options(message + FIXED, message + size, lease);
}
