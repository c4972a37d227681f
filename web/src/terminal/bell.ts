import { settings } from "../settings.ts";

const FLASH_MS = 120;
const TONE_HZ = 660;
const TONE_S = 0.12;
const LOUDNESS = 0.08;
/** A program that rings without end is heard this often. */
const PAUSE_MS = 200;

let lastRung = 0;
let audio: AudioContext | null = null;

/** Does what the person chose for a terminal's bell. */
export function ringBell(screen: HTMLElement): void {
  const { bell } = settings.value;
  if (bell === "off" || performance.now() - lastRung < PAUSE_MS) return;
  lastRung = performance.now();
  if (bell === "flash") {
    screen.dataset["bell"] = "true";
    setTimeout(() => delete screen.dataset["bell"], FLASH_MS);
    return;
  }
  audio ??= new AudioContext();
  const tone = new OscillatorNode(audio, { frequency: TONE_HZ });
  const volume = new GainNode(audio, { gain: LOUDNESS });
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + TONE_S);
}
