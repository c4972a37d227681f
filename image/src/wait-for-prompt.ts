// WHY: the prompt of our own .bashrc, with colours; nothing else looks like it.
// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's colours are control characters.
const PROMPT = /root@warmboot\x1b\[0m:.*# $/;

/** Reads a terminal's output until the login shell of our image has printed its prompt; gives what it has printed. */
export async function waitForPrompt(output: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of output) {
    text += decoder.decode(piece, { stream: true });
    if (PROMPT.test(text)) return text;
  }
  throw new Error(`the shell ended before its prompt: ${text}`);
}
