// Builds a project in a machine and shows the output while it comes.
//   node docs/examples/streamed-build.mjs [IMAGE]
import { KernelSession } from "warmboot";

const image = process.argv[2] ?? "image/.cache/default/image.json";
const session = await KernelSession.boot({ image });

const makefile = `
squares.txt: numbers.txt
\tawk '{ print $$1 * $$1 }' $< > $@
\t@echo "sum of $$(wc -l < $@) squares: $$(awk '{ s += $$1 } END { print s }' $@)"
numbers.txt:
\tseq 1 20 > $@
`;
await session.exec("mkdir -p /root/project && cat > /root/project/Makefile", { stdin: makefile });

// An argument vector, no shell. The streams are web streams of bytes; a slow reader holds the build up, nothing is lost.
const build = await session.spawn(["make", "--no-print-directory"], { cwd: "/root/project" });
const show = async (stream, to) => {
  for await (const bytes of stream) to.write(bytes);
};
await Promise.all([show(build.stdout, process.stdout), show(build.stderr, process.stderr)]);

const { exitCode } = await build.exit;
console.log(`make exited with ${exitCode}`);
await session.close();
process.exitCode = exitCode ?? 1;
