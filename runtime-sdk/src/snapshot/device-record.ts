const HEAD = 4;

/** What a state has besides pages: the devices, and bytes typed on the serial console that the guest had not read. */
export interface Devices {
  readonly devices: Uint8Array<ArrayBuffer>;
  readonly consoleInput: Uint8Array<ArrayBuffer>;
}

/** `u32` number of console bytes, those, then the devices. */
export function encodeDevices({ devices, consoleInput }: Devices): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEAD + consoleInput.byteLength + devices.byteLength);
  new DataView(bytes.buffer).setUint32(0, consoleInput.byteLength, true);
  bytes.set(consoleInput, HEAD);
  bytes.set(devices, HEAD + consoleInput.byteLength);
  return bytes;
}

/** @throws RangeError */
export function decodeDevices(bytes: Uint8Array<ArrayBuffer>): Devices {
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  if (HEAD + length > bytes.byteLength) throw new RangeError(`${length} bytes for the console in ${bytes.byteLength}`);
  return { consoleInput: bytes.slice(HEAD, HEAD + length), devices: bytes.slice(HEAD + length) };
}
