// Boots a Linux of your own, for example what Buildroot makes, and talks to the shell on its serial console.
//   node docs/examples/own-image.mjs output/images/bzImage output/images/rootfs.ext4
import { KernelSession } from "warmboot";

const [bzImage, disk] = process.argv.slice(2);

let log = "";
let wake = () => {};
/** Waits until the console has printed something that matches. */
async function printed(pattern) {
  while (!pattern.test(log)) {
    await new Promise((resolve) => {
      wake = resolve;
    });
  }
  return pattern.exec(log);
}

const session = await KernelSession.boot({
  // i686 only. Paths, addresses, bytes and Blobs will do, and an `initrd` too. With Warmboot's agent in the image say `agent: true`:
  // then boot() waits for it, and exec, spawn and openTerminal work.
  image: { bzImage, disk, cmdline: "console=ttyS0 root=/dev/sda rw init=/bin/sh" },
  onConsole: (text) => {
    log += text;
    wake();
  },
});

// The kernel has opened the console by then; what is typed waits there for the shell.
await printed(/Run \/bin\/sh as init process/);
session.writeConsole("echo $((6 * 7)) on $(uname -m)\n");
const [, answer] = await printed(/(\d+ on \w+)\r?\n/);
console.log(answer);

// The disk was read in pieces and never written: what the machine wrote is gone with it.
await session.close();
