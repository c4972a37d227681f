/* A process and its streams, as the host sees it: one channel of the link. */
#ifndef CHANNEL_H
#define CHANNEL_H
#include <stdint.h>
#include <sys/types.h>
#include "byte_queue.h"
#include "watch.h"

/*
 * REQUESTING: parts of the process request are still to come. REFUSED: they still come, and SPAWN_FAILED follows the last.
 * RUNNING. ENDED: the process was reaped; EXIT is sent when what it wrote has been forwarded. EXITED: EXIT was sent, streams
 * are still open. GONE: detached and closed for the host; what background children write is read and discarded.
 */
enum channel_state { CHANNEL_REQUESTING, CHANNEL_REFUSED, CHANNEL_RUNNING, CHANNEL_ENDED, CHANNEL_EXITED, CHANNEL_GONE };

struct output {
  struct watch watch; /* closed: the stream has ended, or there never was one */
  uint8_t stream;     /* WB_STREAM_… */
  uint8_t frame;      /* WB_FRAME_… of its bytes */
  int hung_up;        /* nobody can write any more, but credit is lacking for the rest */
  int quiet;          /* nobody has the terminal open just now, but the process runs */
  uint32_t credit;
  uint32_t owed; /* bytes to forward before EXIT */
};

struct input {
  struct watch watch; /* of a pipe. A terminal is read and written through the watch of its output */
  struct byte_queue queue;
  uint32_t window, credit; /* credit: what the host may still send */
  int end_wanted;          /* close when the queue is empty */
  int broken;              /* nobody reads: discard */
};

struct channel {
  struct channel *next;
  uint32_t id;
  enum channel_state state;
  int terminal, detached;
  int orphan; /* of a host that is gone: nothing is told of it any more, and its number may be another's */
  pid_t pid;
  int status; /* of waitpid */
  uint8_t *request;
  size_t request_size, request_room;
  uint16_t refused_stage, refused_error;
  struct input input;
  struct output out, err;
};

struct channel *channel_find(uint32_t id);
struct channel *channel_of_process(pid_t pid);
/* Visits every channel; a visit may remove its own. */
void channel_each(void (*visit)(struct channel *channel));
/* Channels in the table. */
unsigned channel_count(void);
/* NULL when there is no memory. */
struct channel *channel_add(uint32_t id);
/* Closes what the channel has open and takes it off the table. The memory stays until channel_sweep. */
void channel_remove(struct channel *channel);
/* Frees removed channels: no event of this turn points to them any more. */
void channel_sweep(void);

/* Sends the signal to the process's group, and to the foreground group of its terminal; `alone`: to the process only. */
void channel_signal(struct channel *channel, int signal, int alone);

/* The process has ended with this status of waitpid. */
void channel_reaped(struct channel *channel, int status);
/* Sends EXIT and CLOSED, and removes the channel, if it is time. To be called whenever a stream or the process ended. */
void channel_advance(struct channel *channel);
void channel_detach(struct channel *channel);
/* Like channel_detach, but without a word to the host, which knows nothing of the channel. */
void channel_orphan(struct channel *channel);

#endif
