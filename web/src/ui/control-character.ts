/** What Ctrl makes of a typed character, e.g. Ctrl and c is 0x03; what Ctrl makes nothing of stays as it is. */
export function controlCharacter(character: string): string {
  if (character === "?") return "\x7f";
  return /^[ @-_a-z]$/.test(character) ? String.fromCharCode(character.charCodeAt(0) & 0x1f) : character;
}
