/** Bytes as a person reads them: "7 bytes", "512 kB", "3.2 MB", "10.7 GB". */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  if (bytes < 1e6) return `${Math.round(bytes / 1000)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** A part of something, in the unit of the whole: "84 of 245 MB". */
export function formatUsed(used: number, total: number): string {
  const [size, unit] = total < 1e9 ? [1e6, "MB"] : [1e9, "GB"];
  const digits = size === 1e9 ? 1 : 0;
  return `${(used / size).toFixed(digits)} of ${(total / size).toFixed(digits)} ${unit}`;
}

/** A size in MiB as machines have it: "256 MiB", "4 GiB". */
export function formatMib(mib: number): string {
  return mib >= 1024 && mib % 512 === 0 ? `${mib / 1024} GiB` : `${mib} MiB`;
}
