/* The subcommands of the agent's program: ordinary processes that the agent starts like any other, see docs/guest-files.md. */
#ifndef FILES_H
#define FILES_H

/* Serves files on stdin and stdout until stdin ends. Returns the program's exit status. */
int files_run(void);
/* Tells what changes at `path`, and below it when `recursive`, until stdin ends or it is gone. */
int watch_run(const char *path, int recursive);
/* Tells which TCP ports are listened on, until stdin ends. */
int ports_run(void);

#endif
