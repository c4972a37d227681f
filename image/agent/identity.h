/* What tells this machine from one that it was copied from. */
#ifndef IDENTITY_H
#define IDENTITY_H
#include <stdint.h>

enum { MACHINE_ID_BYTES = 16, MAC_BYTES = 6 };

/* Writes /etc/machine-id, see machine-id(5). */
void set_machine_id(const uint8_t id[MACHINE_ID_BYTES]);

/* Gives eth0 an address of its own. */
void set_mac(const uint8_t mac[MAC_BYTES]);

/* If there are SSH host keys: removes them and has ssh-keygen make others, beside what else happens. */
void renew_host_keys(void);

#endif
