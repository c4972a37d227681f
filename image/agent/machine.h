/* What process 1 prepares before anything else runs. */
#ifndef MACHINE_H
#define MACHINE_H

/* The kernel's file systems. */
void machine_mount(void);
/* Host name, loopback interface, directories of /run. */
void machine_configure(void);

#endif
