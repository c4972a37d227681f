/* Messages for the console (stderr), one line each. */
#ifndef LOG_H
#define LOG_H

void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Says what failed and why (errno), and ends the program with status 1. */
void die(const char *what) __attribute__((noreturn));

#endif
