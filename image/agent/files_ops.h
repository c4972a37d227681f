/* The operations of the file server. Each takes the request's fields and sends the reply. */
#ifndef FILES_OPS_H
#define FILES_OPS_H
#include <stdint.h>
#include <sys/stat.h>
#include "fields.h"

/* Longest path plus its NUL, as the kernel takes it. */
enum { PATH_ROOM = 4096 };

/* Serves one request. Replies EPROTO to what is not one. */
void files_serve(uint32_t id, uint32_t op, struct reader *request);

/* files_io.c: open files. */
void files_open(uint32_t id, struct reader *request);
void files_read(uint32_t id, struct reader *request);
void files_write(uint32_t id, struct reader *request);
void files_close(uint32_t id, struct reader *request);

/* files_tree.c: whole trees. */
void files_list(uint32_t id, struct reader *request);
void files_mkdir(uint32_t id, struct reader *request);
void files_remove(uint32_t id, struct reader *request);

/* Puts a stat record of WB_FILE_STAT_SIZE bytes; returns where the next field goes. */
uint8_t *put_stat(uint8_t *at, const struct stat *file);
/* Whether the request was read to its end and was whole; replies when not. */
int request_is_whole(uint32_t id, const struct reader *request);
/* Replies done, or with errno when `result` is not 0. */
void reply_result(uint32_t id, int result);

#endif
