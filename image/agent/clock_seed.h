/* The machine's clock and random pool, which HELLO sets. */
#ifndef CLOCK_SEED_H
#define CLOCK_SEED_H
#include <stddef.h>
#include <stdint.h>

void set_clock(uint64_t ns_since_1970);
/* At most WB_LIMIT_SEED_BYTES bytes; credited as fully random. */
void seed_random_pool(const uint8_t *seed, size_t size);

#endif
