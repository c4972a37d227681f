/* Frames from the host: checks them and does what they ask. */
#ifndef DISPATCH_H
#define DISPATCH_H
#include "wire_codec.h"

/* `hosted`: leave the clock and the random pool of the machine alone. */
void dispatch_setup(int hosted);
void dispatch_announce(void);
void dispatch(const struct wire_frame *frame);

#endif
