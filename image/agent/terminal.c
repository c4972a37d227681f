#include "terminal.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif
#ifndef TIOCSIG
#define TIOCSIG _IOW('T', 0x36, int)
#endif

enum { FILLING = 1024, CONTROL_EOF = 4 };

void terminal_resize(int master, const struct terminal_size *size) {
  struct winsize window = {.ws_col = size->columns, .ws_row = size->rows, .ws_xpixel = size->width, .ws_ypixel = size->height};
  ioctl(master, TIOCSWINSZ, &window);
}

struct terminal_size terminal_size_of(int master) {
  struct winsize window = {0};
  ioctl(master, TIOCGWINSZ, &window);
  return (struct terminal_size){window.ws_col, window.ws_row, window.ws_xpixel, window.ws_ypixel};
}

int terminal_open(int *master, int *slave, const struct terminal_size *size, uid_t owner) {
  int unlock = 0, error;
  *slave = -1;
  *master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (*master < 0) return -1;
  if (ioctl(*master, TIOCSPTLCK, &unlock) != 0) goto failed;
  *slave = ioctl(*master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (*slave < 0) goto failed;
  terminal_resize(*master, size);
  struct termios settings;
  if (tcgetattr(*slave, &settings) != 0) goto failed;
  settings.c_iflag |= IUTF8;
  if (tcsetattr(*slave, TCSANOW, &settings) != 0) goto failed;
  if (owner != geteuid() && fchown(*slave, owner, (gid_t)-1) != 0) goto failed;
  return 0;

failed:
  error = errno;
  close(*master);
  if (*slave >= 0) close(*slave);
  errno = error;
  return -1;
}

uint8_t terminal_eof_character(int master) {
  struct termios settings;
  return tcgetattr(master, &settings) == 0 ? settings.c_cc[VEOF] : CONTROL_EOF;
}

/* The signal that the terminal makes of the character, or 0. */
static int signal_of(const struct termios *settings, uint8_t character) {
  if (character == 0) return 0; /* 0 means "no such character" in c_cc */
  if (character == settings->c_cc[VINTR]) return SIGINT;
  if (character == settings->c_cc[VQUIT]) return SIGQUIT;
  if (character == settings->c_cc[VSUSP]) return SIGTSTP;
  return 0;
}

enum terminal_interrupt terminal_interrupt(int master, const uint8_t *bytes, size_t size, int queued, size_t *position) {
  struct termios settings;
  if (tcgetattr(master, &settings) != 0 || !(settings.c_lflag & ISIG)) return INTERRUPT_NONE;
  int signal = 0;
  while (size > 0 && !signal) signal = signal_of(&settings, bytes[--size]);
  if (!signal) return INTERRUPT_NONE;
  *position = size;

  int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (slave < 0) return INTERRUPT_NONE;
  /* WHY poll: it makes the terminal take in what is still on its way; otherwise it may look empty and fill up a moment later. */
  struct pollfd waiting = {.fd = slave, .events = POLLIN};
  poll(&waiting, 1, 0);
  int unread = 0;
  ioctl(slave, FIONREAD, &unread);
  enum terminal_interrupt result = INTERRUPT_NONE;
  if (queued || unread >= FILLING) {
    if (settings.c_lflag & NOFLSH) {
      ioctl(master, TIOCSIG, signal);
      result = INTERRUPT_SIGNALLED;
    } else {
      /* The master's output is what waits on its way to the terminal's own buffer. */
      tcflush(master, TCOFLUSH);
      tcflush(slave, TCIFLUSH);
      result = INTERRUPT_FLUSHED;
    }
  }
  close(slave);
  return result;
}
