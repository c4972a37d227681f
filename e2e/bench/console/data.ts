/** What both sides of the console benchmark move. */

/** Bytes of each transfer: 10 MB. */
export const SIZE = 10_000_000;

/** Lines of the data that goes out, of 100 bytes each with its end. */
export const LINES = SIZE / 100;

/** Where the guest has the data that goes out. */
export const GUEST_FILE = "/tmp/bench/out";

/** Puts lines of text into memory of the guest: making or reading them is not part of what is measured. */
export const MAKE_GUEST_FILE = `mkdir -p /tmp/bench && mount -t tmpfs none /tmp/bench && yes ${"0123456789".repeat(10).slice(0, 99)} | head -c ${SIZE} > ${GUEST_FILE}`;
