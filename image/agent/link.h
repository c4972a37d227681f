/* The agent's end of the guest link: bytes in and out, as frames. */
#ifndef LINK_H
#define LINK_H
#include <stddef.h>
#include <stdint.h>
#include "wire_codec.h"

/* `is_port`: a virtio port, which reads as "end of file" while the host is not there. */
void link_setup(int fd, int is_port);

/* Whether there is room for whatever one event makes the agent send: one frame of output and some small ones. */
int link_has_room(void);
/* Where the payload of the next frame (at most WB_MAX_PAYLOAD bytes) may be put before link_commit. */
uint8_t *link_payload(void);
void link_commit(uint8_t type, uint32_t channel, size_t length);
void link_send(uint8_t type, uint32_t channel, const void *payload, size_t length);
void link_send_u32(uint8_t type, uint32_t channel, uint32_t value);
void link_error(uint32_t channel, uint16_t code, uint32_t detail, const char *text);

/* Writes what the other side takes. */
void link_flush(void);
/* Waits until the other side takes something. */
void link_wait(void);

/*
 * Reads and hands frames to `receive`. Stops when there is no more, when there is no room for answers, or after some pages, so
 * that processes get their turn. Returns 1 when frames that have come already still wait for room.
 */
int link_receive(void (*receive)(const struct wire_frame *frame));

#endif
