/* Process 1. */
#ifndef INIT_H
#define INIT_H

void init_run(void) __attribute__((noreturn));

#endif
