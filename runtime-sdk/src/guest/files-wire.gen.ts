// Generated from runtime-sdk/wire/files.json by scripts/generate-wire.mjs: do not edit.
export const FILE_HEADER_SIZE = 12;
export const FILE_STAT_SIZE = 84;
export const FILE_OP = {
  OPEN: 1,
  READ: 2,
  WRITE: 3,
  CLOSE: 4,
  STAT: 5,
  LSTAT: 6,
  LIST: 7,
  MKDIR: 8,
  REMOVE: 9,
  RENAME: 10,
  CHMOD: 11,
  CHOWN: 12,
  UTIMES: 13,
  SYMLINK: 14,
  READLINK: 15,
  REALPATH: 16,
  TRUNCATE: 17,
  STATVFS: 18,
} as const;
export const FILE_REPLY = {
  MORE: 1,
} as const;
export const FILE_OPEN = {
  READ: 1,
  WRITE: 2,
  CREATE: 4,
  TRUNCATE: 8,
  APPEND: 16,
  SET_MODE: 32,
} as const;
export const FILE_TREE = {
  RECURSIVE: 1,
} as const;
export const FILE_LIMIT = {
  MESSAGE_BYTES: 262144,
  PIECE_BYTES: 65536,
  HANDLES: 256,
  DEPTH: 512,
} as const;
export const FILE_EVENT = {
  READY: 0,
  CREATED: 1,
  MODIFIED: 2,
  WRITTEN: 3,
  ATTRIBUTES: 4,
  DELETED: 5,
  RENAMED: 6,
  OVERFLOW: 7,
} as const;
export const PORT_STATE = {
  READY: 0,
  LISTENING: 1,
  CLOSED: 2,
} as const;
