// Runs commands in a machine and looks at what they did.
//   node docs/examples/run-command.mjs [IMAGE]
import { KernelSession } from "warmboot";

const image = process.argv[2] ?? "image/.cache/default/image.json";
const session = await KernelSession.boot({ image });

// A shell command. stdout and stderr are apart; an exit code other than 0 is a result, not an exception.
const result = await session.exec("echo $((6 * 7)); echo 'no such thing' >&2; exit 3");
console.log(result.exitCode, JSON.stringify(result.stdout), JSON.stringify(result.stderr));

// Input, environment, directory and user. A command that takes longer than its time is killed, with its children.
const sorted = await session.exec('sort -n | tail -1; echo "$GREETING from $(id -un) in $PWD"', {
  stdin: "10\n9\n100\n",
  env: { GREETING: "hello" },
  cwd: "/tmp",
  user: "user",
  timeoutMs: 60_000,
});
console.log(sorted.stdout);

await session.close();
