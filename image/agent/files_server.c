#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "fields.h"
#include "files.h"
#include "files_ops.h"
#include "reply.h"

enum { INPUT_BYTES = 2 * (WB_FILE_HEADER_SIZE + WB_FILE_LIMIT_MESSAGE_BYTES), PIPE_BYTES = 1 << 20 };

static uint8_t input[INPUT_BYTES];
static size_t input_start, input_end;

/* Reads on until `size` bytes lie at input_start. 0 when the input ends before. */
static int fill(size_t size) {
  if (input_start + size > sizeof input) {
    memmove(input, input + input_start, input_end - input_start);
    input_end -= input_start;
    input_start = 0;
  }
  while (input_end - input_start < size) {
    /* WHY here: whoever waits for these replies may not send more before it has them. */
    reply_flush();
    ssize_t got = read(STDIN_FILENO, input + input_end, sizeof input - input_end);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return 0;
    input_end += (size_t)got;
  }
  return 1;
}

int files_run(void) {
  umask(0);
  /* Larger pipes mean fewer turns between the processes. It is no harm when they stay as they are. */
  fcntl(STDIN_FILENO, F_SETPIPE_SZ, PIPE_BYTES);
  fcntl(STDOUT_FILENO, F_SETPIPE_SZ, PIPE_BYTES);
  while (fill(WB_FILE_HEADER_SIZE)) {
    const uint8_t *head = input + input_start;
    uint32_t length = get_u32(head), id = get_u32(head + 4), op = get_u32(head + 8);
    if (length > WB_FILE_LIMIT_MESSAGE_BYTES) {
      reply_error(id, EPROTO, "a request over the limit");
      reply_flush();
      return 1;
    }
    if (!fill(WB_FILE_HEADER_SIZE + length)) return 1;
    struct reader request = {.at = input + input_start + WB_FILE_HEADER_SIZE, .left = length};
    input_start += WB_FILE_HEADER_SIZE + length;
    files_serve(id, op, &request);
    if (input_start == input_end) input_start = input_end = 0;
  }
  return input_start == input_end ? 0 : 1;
}
