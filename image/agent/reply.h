/* What the subcommands `files`, `watch` and `ports` write to stdout: messages with a header, gathered into few writes. */
#ifndef REPLY_H
#define REPLY_H
#include <stddef.h>
#include <stdint.h>
#include "files_wire.gen.h"

/* Room for a payload of `most` bytes, at most WB_FILE_LIMIT_MESSAGE_BYTES. Valid until the next call. */
uint8_t *reply_begin(size_t most);
/* Completes the message whose payload was put where reply_begin said. */
void reply_end(uint32_t id, int flags, int error, size_t length);
/* A message without a payload: done. */
void reply_done(uint32_t id);
/* A message that something failed with this errno; `what` may be NULL: the errno says it all. */
void reply_error(uint32_t id, int error, const char *what);
/* Writes what has gathered. Ends the program when nobody reads. */
void reply_flush(void);

/* Puts a string (u32 length, bytes); returns where the next field goes. */
uint8_t *put_string(uint8_t *at, const char *text, size_t length);

#endif
