/* The virtio port of the guest link. */
#ifndef PORT_H
#define PORT_H
#include <stddef.h>

/* Path of the port's device, or 0 when it is not there (yet). */
int port_find(char *path, size_t size);
/* Waits for the port, named or found, and opens it, nonblocking. */
int port_open(const char *path);

#endif
