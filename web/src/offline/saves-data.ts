/** What some browsers say of the network. */
export interface Connection {
  readonly saveData?: boolean;
  readonly type?: string;
  readonly effectiveType?: string;
}

/** Whether nothing large should be fetched that nobody has asked for. */
export function savesData({ saveData, type, effectiveType = "" }: Connection = {}): boolean {
  return saveData === true || type === "cellular" || ["slow-2g", "2g", "3g"].includes(effectiveType);
}
