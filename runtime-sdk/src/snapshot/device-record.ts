const HEAD = 8;

/** What a state has besides pages: the devices, bytes typed on the serial console that the guest had not read, and what the network remembers. */
export interface Devices {
  readonly devices: Uint8Array<ArrayBuffer>;
  readonly consoleInput: Uint8Array<ArrayBuffer>;
  readonly network: Uint8Array<ArrayBuffer>;
}

/** `u32` number of console bytes, `u32` number of the network's bytes, those, then the devices. */
export function encodeDevices({ devices, consoleInput, network }: Devices): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEAD + consoleInput.byteLength + network.byteLength + devices.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, consoleInput.byteLength, true);
  view.setUint32(4, network.byteLength, true);
  bytes.set(consoleInput, HEAD);
  bytes.set(network, HEAD + consoleInput.byteLength);
  bytes.set(devices, HEAD + consoleInput.byteLength + network.byteLength);
  return bytes;
}

/** @throws RangeError */
export function decodeDevices(bytes: Uint8Array<ArrayBuffer>): Devices {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const networkAt = HEAD + view.getUint32(0, true);
  const devicesAt = networkAt + view.getUint32(4, true);
  if (devicesAt > bytes.byteLength) throw new RangeError(`devices from byte ${devicesAt} on in ${bytes.byteLength}`);
  return {
    consoleInput: bytes.slice(HEAD, networkAt),
    network: bytes.slice(networkAt, devicesAt),
    devices: bytes.slice(devicesAt),
  };
}
