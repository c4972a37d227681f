// boot.mjs BZIMAGE DISK: boots an image of make-disk.sh and asks it what the agent under BusyBox's init must be able to do.
import assert from "node:assert/strict";
import { KernelSession } from "warmboot";

const [bzImage, disk] = process.argv.slice(2);
const session = await KernelSession.boot({
  image: { bzImage, disk, agent: true, cmdline: "console=ttyS0 root=/dev/sda rw panic=0 random.trust_cpu=on" },
});
try {
  const run = async (command) => (await session.exec(command, { timeoutMs: 60_000 })).stdout.trim();
  assert.equal(await run("cat /proc/1/comm; hostname; echo $((6 * 7))"), "init\nwarmboot\n42");
  assert.equal(await run("grep -c '^cgroup2 /sys/fs/cgroup ' /proc/mounts"), "1");
  const release = await run("uname -r");

  // init starts an agent that ended anew.
  await assert.rejects(run("kill -9 $(pidof warmboot-agent); sleep 60"), { code: "link-broken" });
  assert.equal(await run("echo $((6 * 8))"), "48");

  const terminal = await session.openTerminal({ argv: ["sh"], cols: 91, rows: 31 });
  const writer = terminal.stdin.getWriter();
  await writer.write(new TextEncoder().encode("test \"$(stty size)\" = '31 91' && exit 7\n"));
  terminal.stdout.pipeTo(new WritableStream()).catch(() => {});
  assert.equal((await terminal.exit).exitCode, 7);

  // A reboot goes through init, which ends the processes and unmounts; the disk keeps what was written.
  await run("echo kept > /root/file");
  await session.reboot();
  assert.equal(await run("cat /root/file"), "kept");
  console.log(`Linux ${release}: BusyBox's init keeps the agent; commands, terminals and reboot work`);
} finally {
  await session.close();
}
