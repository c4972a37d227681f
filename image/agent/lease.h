#ifndef LEASE_H
#define LEASE_H

#include <stddef.h>
#include <stdint.h>

enum { DHCP_DISCOVER = 1, DHCP_OFFER = 2, DHCP_REQUEST = 3, DHCP_ACK = 5, DHCP_NAK = 6 };
enum { DHCP_MESSAGE_BYTES = 300, DHCP_MAC_BYTES = 6 };

/* What a DHCP server gives. Addresses in network byte order, 0: not given. */
struct lease {
  uint32_t address, mask, router, dns, server, seconds;
  uint16_t mtu;
};

/* Writes a message of DHCP_MESSAGE_BYTES. `offer`: what is asked for; NULL for nothing. `renews`: it is ours already. */
void lease_request(uint8_t *message, int type, uint32_t transaction, const uint8_t *mac, const struct lease *offer,
                   int renews);

/* Reads a server's answer. Returns its type, or 0 when it is none, or not to `transaction`. */
int lease_read(const uint8_t *message, size_t size, uint32_t transaction, const uint8_t *mac, struct lease *lease);

#endif
