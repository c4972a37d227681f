/** What a session knows of its machine. */
export interface MachineInfo {
  /** Identity of the image: a SHA-256 in hex. Of an image of one's own: that of the kernel. */
  readonly imageId: string;
  /** Name of the image, or where its kernel is from. */
  readonly imageName: string;
  /** RAM in MiB. */
  readonly memoryMb: number;
  /** What the agent in the guest says of itself; "" when there is none. */
  readonly agent: string;
}

/** Which image a machine runs. */
export interface ImageInfo {
  readonly imageId: string;
  readonly imageName: string;
  readonly memoryMb: number;
  /** Bytes of the disk, 0 for none. */
  readonly diskBytes: number;
}
