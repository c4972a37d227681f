/**
 * `npm run conformance:foreign [-- --suite NAME | --render]`: runs the suites of others in the machine and natively, and writes
 * docs/foreign-suites.md from the last result of each. `--render` only writes it, after a cause has been added to causes.json.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { KernelSession } from "warmboot";
import { imageFile, path } from "../paths.ts";
import { type Causes, renderForeign } from "./report.ts";
import { keepRun, keptRuns } from "./results.ts";
import { prepareRoots } from "./roots.ts";
import { pushRoot, runEmulated, runNatively } from "./runners.ts";
import { type Suite, suites } from "./suite.ts";

const seconds = (since: number): number => Math.round((performance.now() - since) / 1000);

async function runSuites(chosen: readonly Suite[]): Promise<void> {
  const versions = new Map(prepareRoots().map((line) => line.split(" ") as [string, string]));
  await using session = await KernelSession.boot({ image: imageFile });
  await pushRoot(session);
  const kernel = (await session.exec("uname -srvm")).stdout.trim();
  for (const suite of chosen) {
    console.log(`${suite.name}: natively`);
    const nativeStart = performance.now();
    const native = await runNatively(suite);
    const nativeSeconds = seconds(nativeStart);
    console.log(`${suite.name}: ${native.size} cases in ${nativeSeconds} s; emulated`);
    const emulatedStart = performance.now();
    let cases = 0;
    const emulated = await runEmulated(session, suite, (text) => {
      const before = Math.floor(cases / 100);
      cases += text.split("\n").length - 1;
      if (Math.floor(cases / 100) > before) console.log(`${suite.name}: ${cases} after ${seconds(emulatedStart)} s`);
    });
    keepRun({
      suite,
      version: versions.get(suite.source) ?? "",
      date: new Date().toISOString().slice(0, 10),
      kernel,
      imageId: session.info.imageId,
      emulated,
      native,
      emulatedSeconds: seconds(emulatedStart),
      nativeSeconds,
    });
  }
}

const { values } = parseArgs({
  options: { suite: { type: "string", multiple: true }, render: { type: "boolean", default: false } },
});
const chosen = suites.filter(({ name }) => values.suite?.includes(name) ?? true);
if (chosen.length === 0) throw new Error(`no such suite; there are: ${suites.map(({ name }) => name).join(", ")}`);
if (!values.render) await runSuites(chosen);
const causes = JSON.parse(readFileSync(path("e2e/conformance/foreign/causes.json"), "utf8")) as Causes;
const { text, unexplained } = renderForeign(keptRuns(), causes);
writeFileSync(path("docs/foreign-suites.md"), text);
console.log(`${unexplained} differences without a known cause`);
process.exitCode = unexplained === 0 ? 0 : 1;
