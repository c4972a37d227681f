// Generated from runtime-sdk/wire/link.json by scripts/generate-wire.mjs: do not edit.
export const LINK_VERSION = 1;
export const LINK_PORT = 1;
export const MAGIC_0 = 87;
export const MAGIC_1 = 183;
export const HEADER_SIZE = 12;
export const MAX_FRAME = 4096;
export const MAX_PAYLOAD = 4084;
export const FRAME = {
  HELLO: 1,
  PING: 2,
  RESET: 3,
  IDENTITY: 4,
  SPAWN: 16,
  STDIN: 17,
  STDIN_EOF: 18,
  CREDIT: 19,
  SIGNAL: 20,
  RESIZE: 21,
  DETACH: 22,
  ATTACH: 23,
  ANNOUNCE: 128,
  READY: 129,
  PONG: 130,
  RESET_DONE: 131,
  SPAWNED: 144,
  STDOUT: 145,
  STDERR: 146,
  OUTPUT_EOF: 147,
  STDIN_CREDIT: 148,
  EXIT: 149,
  SPAWN_FAILED: 150,
  CLOSED: 151,
  ERROR: 159,
} as const;
export const FLAG = {
  MORE: 1,
} as const;
export const STREAM = {
  STDOUT: 1,
  STDERR: 2,
} as const;
export const SPAWN = {
  PTY: 1,
  STDIN_NULL: 2,
  CLEAR_ENV: 4,
  LOGIN: 8,
} as const;
export const TARGET = {
  GROUP: 0,
  PROCESS: 1,
} as const;
export const EXIT = {
  EXITED: 0,
  SIGNALED: 1,
} as const;
export const STAGE = {
  REQUEST: 0,
  USER: 1,
  CWD: 2,
  FORK: 3,
  EXEC: 4,
  PTY: 5,
  LIMIT: 6,
} as const;
export const ERR = {
  RESYNC: 1,
  UNKNOWN_TYPE: 2,
  UNKNOWN_CHANNEL: 3,
  BAD_PAYLOAD: 4,
  CREDIT_OVERRUN: 5,
  DUPLICATE_CHANNEL: 6,
} as const;
export const LIMIT = {
  SPAWN_BYTES: 262144,
  ARGC: 4096,
  ENVC: 4096,
  CHANNELS: 1024,
  STDIN_WINDOW: 262144,
  STDIN_WINDOW_CROWDED: 32768,
  CROWDED_FROM: 32,
  SEED_BYTES: 64,
  MESSAGE_BYTES: 1024,
  KEPT_TERMINALS: 128,
} as const;
