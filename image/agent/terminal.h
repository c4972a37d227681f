/* Pseudo terminals. */
#ifndef TERMINAL_H
#define TERMINAL_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct terminal_size {
  uint16_t columns, rows, width, height;
};

/* Opens a terminal that belongs to `owner`; the master is nonblocking. 0, or -1 with errno. */
int terminal_open(int *master, int *slave, const struct terminal_size *size, uid_t owner);
void terminal_resize(int master, const struct terminal_size *size);
struct terminal_size terminal_size_of(int master);

/* The terminal's end-of-file character. */
uint8_t terminal_eof_character(int master);

enum terminal_interrupt { INTERRUPT_NONE, INTERRUPT_FLUSHED, INTERRUPT_SIGNALLED };

/*
 * For input that a program which does not read has blocked. Looks for the last character in `bytes` that means a signal (Ctrl-C,
 * Ctrl-\, Ctrl-Z) and, when the terminal is stuck (`queued`, or its own buffer is filling), lets it through:
 * INTERRUPT_FLUSHED: the terminal's unread input is thrown away, as it does itself when it reads such a character; what was
 * before bytes[*position] must go too, and the character must be written now. INTERRUPT_SIGNALLED: input must not be flushed
 * (NOFLSH): the signal was sent, and the character at *position must be left out.
 */
enum terminal_interrupt terminal_interrupt(int master, const uint8_t *bytes, size_t size, int queued, size_t *position);

#endif
