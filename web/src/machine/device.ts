/** GiB that a browser tells of its computer, as far as it does: https://www.w3.org/TR/device-memory/ */
const SMALL_GIB = 1;

/** Whether a machine of the usual size would take too much of this computer. Unknown counts as no. */
export function isSmallDevice(): boolean {
  const { deviceMemory } = navigator as { readonly deviceMemory?: number };
  return deviceMemory !== undefined && deviceMemory <= SMALL_GIB;
}
