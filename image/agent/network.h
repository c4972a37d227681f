#ifndef NETWORK_H
#define NETWORK_H

/* Keeps the machine's network card configured by DHCP (RFC 2131). Does not return. */
_Noreturn void network_run(void);

#endif
