// Opens a saved machine, tells what is in it, then counts in its memory and on its disk and saves, for ever. See node/kill.test.ts.
import { KernelSession, localStore } from "warmboot";

const [image, folder] = process.argv.slice(2);
const session = await KernelSession.boot({ image, machine: "counter", store: localStore(folder) });
const { stdout } = await session.exec("cat /root/count /run/count 2>/dev/null; dmesg | grep -ci 'ext4-fs error'");
process.send({ opened: session.opened, found: stdout.trim().split("\n").map(Number) });
for (let count = Number(stdout.split("\n")[0] || 0) + 1; ; count++) {
  // The noise makes the saves large enough to be struck in the middle.
  await session.exec(
    `echo ${count} > /run/count; echo ${count} > /root/count; head -c 300000 /dev/urandom > /root/noise`,
  );
  process.send({ saving: count });
  await session.save();
  process.send({ saved: count });
}
