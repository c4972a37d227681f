/* Poweroff, halt and reboot: the signals that ask process 1 for them, and what it then does. */
#ifndef POWER_H
#define POWER_H
#include <sys/types.h>

/* The signal for process 1 that stands for the command of this name, or 0. */
int power_command(const char *name);
/* Sends it to process 1. Returns the exit status of the command. */
int power_ask(int signal);
/* In process 1: whether the signal asks for one of the three. */
int power_is_request(int signal);
/* In process 1: ends all processes (the agent first: terminals hang up), writes everything to disk, and does what was asked. */
void power_down(int signal, pid_t agent) __attribute__((noreturn));

#endif
