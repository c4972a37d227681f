/* Small files read whole, line by line. */
#ifndef TEXT_FILE_H
#define TEXT_FILE_H
#include <stddef.h>

/* Reads the file into fresh memory with a NUL at the end; files over `limit` bytes are refused. NULL with errno on failure. */
char *read_text_file(const char *path, size_t limit);

/* Cuts the next line off *text and returns it, or NULL at the end. */
char *next_line(char **text);

/* Writes text to a file that exists. 0, or -1 with errno. */
int write_text_file(const char *path, const char *text);

#endif
