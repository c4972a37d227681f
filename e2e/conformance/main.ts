/** `npm run conformance [-- --only DOMAIN]`: boots one machine, runs every check in it and writes docs/linux-conformance.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { KernelSession } from "warmboot";
import { allChecks } from "./catalogue.ts";
import { fullName } from "./check.ts";
import { compilePrograms } from "./compile.ts";
import { installDebugger } from "./debugger.ts";
import { explanationsFile, imageFile, reportFile } from "./paths.ts";
import { renderReport } from "./report.ts";
import { describeFailure, GUEST_PROGRAM, runChecks } from "./run-checks.ts";

const GUEST_DEBUGGEE = "/usr/local/bin/debuggee";

async function push(session: KernelSession, file: string, content: Uint8Array): Promise<void> {
  const { exitCode, stderr } = await session.exec(`cat > ${file} && chmod 755 ${file}`, { stdin: content });
  if (exitCode !== 0) throw new Error(`cannot write ${file} in the guest: ${stderr}`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: "string", multiple: true } } });
  const explanations = JSON.parse(readFileSync(explanationsFile, "utf8")) as Record<string, string>;
  const checks = allChecks().filter(({ domain }) => values.only?.includes(domain) ?? true);
  if (checks.length === 0) throw new Error(`no such domain: ${values.only}`);
  const programs = compilePrograms();
  const started = performance.now();
  await using session = await KernelSession.boot({ image: imageFile });
  const needsDebugger = checks.some((check) => check.kind === "shell" && check.needs.length > 0);
  const tools = needsDebugger ? await installDebugger(session) : [];
  await push(session, GUEST_PROGRAM, programs.checks);
  await push(session, GUEST_DEBUGGEE, programs.debuggee);

  let done = 0;
  const results = await runChecks(session, checks, (result) => {
    done++;
    if (result.outcome.status === "fail") console.log(`FAIL ${describeFailure(result)}`);
    else if (done % 50 === 0) console.log(`${done} of ${checks.length}`);
  });
  const seconds = Math.round((performance.now() - started) / 1000);
  const failed = results.filter(({ outcome }) => outcome.status === "fail");
  const unexplained = failed.filter(({ check }) => !(fullName(check) in explanations));
  const skipped = results.filter(({ outcome }) => outcome.status === "skip").length;
  console.log(
    `${results.length - failed.length - skipped} pass, ${failed.length} fail (${unexplained.length} unexplained), ${skipped} skipped in ${seconds} s`,
  );
  if (!values.only) {
    const { imageId, memoryMb } = session.info;
    writeFileSync(
      reportFile,
      renderReport(results, {
        date: new Date().toISOString().slice(0, 10),
        kernel: (await session.exec("uname -srvm")).stdout.trim(),
        imageId,
        memoryMb,
        node: process.version,
        tools,
        seconds,
        explanations,
      }),
    );
  }
  return unexplained.length === 0 ? 0 : 1;
}

process.exitCode = await main();
