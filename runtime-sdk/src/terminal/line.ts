import type { GuestProcess, MachineSession } from "../session/index.ts";

/** What a terminal is connected to: a process of the guest, or the machine's serial console. */
export type Line = Pick<GuestProcess, "stdin" | "stdout" | "exit" | "kill" | "resize"> &
  Partial<Pick<GuestProcess, "pid">>;

/** A login shell on a terminal of its own; on an image without an agent the machine's one serial console. */
export function openLine(session: MachineSession, cols: number, rows: number): Promise<Line> {
  if (session.info.agent === "") return Promise.resolve(consoleLine(session));
  return session.openTerminal({ cols, rows, env: { TERM: "xterm-256color", COLORTERM: "truecolor" } });
}

function consoleLine(session: MachineSession): Line {
  const utf8 = new TextEncoder();
  let forget = () => {};
  return {
    stdin: new WritableStream<Uint8Array>({ write: (bytes) => session.writeConsole(bytes) }),
    stdout: new ReadableStream<Uint8Array>({
      start(controller) {
        // What was said before there was a terminal.
        controller.enqueue(utf8.encode(session.kernelLog.join("\r\n")));
        forget = session.on("console", (text) => controller.enqueue(utf8.encode(text)));
      },
      cancel: () => forget(),
    }),
    // A console lasts as long as its machine, which tells its end itself.
    exit: new Promise(() => {}),
    kill: () => {},
    // A serial line does not carry the size of the terminal.
    resize: () => {},
  };
}
