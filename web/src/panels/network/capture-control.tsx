import { useEffect, useRef, useState } from "preact/hooks";
import type { KernelSession } from "warmboot";
import { formatBytes } from "../../ui/bytes.ts";
import { downloadFile } from "../../ui/download.ts";

/** It is held in the page's memory until it is given as a file. */
const MOST_BYTES = 256 * 1024 * 1024;

interface Capture {
  readonly stop: AbortController;
  readonly pieces: Uint8Array<ArrayBuffer>[];
}

/** Records what goes over the machine's network card, and gives it as a file for Wireshark. */
export function CaptureControl({ session }: { readonly session: KernelSession }) {
  const running = useRef<Capture | null>(null);
  const [bytes, setBytes] = useState<number | null>(null);
  useEffect(() => () => running.current?.stop.abort(), []);

  const start = async () => {
    const capture: Capture = { stop: new AbortController(), pieces: [] };
    running.current = capture;
    let size = 0;
    setBytes(0);
    try {
      for await (const piece of session.network.capture({ signal: capture.stop.signal })) {
        capture.pieces.push(piece);
        size += piece.length;
        setBytes(size);
        if (size > MOST_BYTES) break;
      }
    } catch {
      // It was stopped, or the machine ended: what there is of it is given.
    }
    running.current = null;
    setBytes(null);
    if (size > 0) downloadFile("warmboot.pcap", new Blob(capture.pieces, { type: "application/vnd.tcpdump.pcap" }));
  };

  return (
    <section>
      <h3>Record</h3>
      <p class="quiet">
        What goes over the machine's network card, with all that is in it, as a file for Wireshark or tcpdump.
      </p>
      <div class="actions">
        {bytes === null ? (
          <button type="button" class="button plain" onClick={start}>
            Start recording
          </button>
        ) : (
          <button type="button" class="button primary" onClick={() => running.current?.stop.abort()}>
            Stop, and give the file ({formatBytes(bytes)})
          </button>
        )}
      </div>
    </section>
  );
}
