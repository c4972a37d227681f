import type { SoakMachine } from "./machine.ts";

/** What keeps the machine busy, one script each. */
const SCRIPTS: readonly string[] = [
  // A shell that computes.
  "while :; do i=$((i+1)); done",
  // Processes that come and go.
  "while :; do /bin/true; /bin/true | /bin/cat; done",
  // Timers.
  "while :; do sleep 0.05; done",
  "while :; do sleep 0.31; done",
  // Files that come and go, and are written over.
  `mkdir -p /root/churn; while :; do n=$(((n+1)%20)); head -c 100000 /dev/urandom > /root/churn/$n
   rm -f /root/churn/$(((n+10)%20)); sync; sleep 0.2; done`,
];

const TERMINAL_SCRIPT = "while :; do ls -la /usr/bin | head -60; sleep 0.1; done";

/** Makes the machine busy. Its memory is touched once before, so that what grows later is not the guest's cache. */
export async function startLoad(machine: SoakMachine): Promise<void> {
  await machine.exec(
    "mount -o remount,size=90% /dev/shm; head -c 190M /dev/zero > /dev/shm/fill; rm /dev/shm/fill",
    300_000,
  );
  for (const script of SCRIPTS) await machine.start(script);
  await machine.startOnTerminal(TERMINAL_SCRIPT);
}
