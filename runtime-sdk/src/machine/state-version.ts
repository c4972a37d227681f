// WHY a file of its own: who opens a saved machine needs these, and must not bring the whole emulator along for them.

/** The version of v86: a state is restored by the very version that saved it. */
export const V86_VERSION = "0.5.462";

/** The devices of every machine, as far as a saved state depends on them: change it with them. */
export const DEVICES = "vga-512k ide-primary-master virtio-console-4x128 virtio-net-offload";
