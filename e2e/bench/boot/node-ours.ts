/** The boot benchmark of the SDK in Node; the argument is the path of image.json. */
const started = performance.now();
const { KernelSession } = await import("warmboot");
const session = await KernelSession.boot({ image: JSON.parse(process.argv[2] ?? ""), coldBoot: true });
const { stdout } = await session.exec("echo $((6*7))");
if (stdout !== "42\n") throw new Error(`the first command answered ${JSON.stringify(stdout)}`);
console.log(performance.now() - started);
process.exit(0);
