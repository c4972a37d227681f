/* The agent: serves the guest link for ever. */
#ifndef AGENT_H
#define AGENT_H

struct agent_options {
  int link_fd;          /* an open link, or -1: wait for the port */
  const char *port;     /* the port's device, or NULL: look for it */
};

void agent_run(const struct agent_options *options) __attribute__((noreturn));

#endif
