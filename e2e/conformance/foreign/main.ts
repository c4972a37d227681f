/**
 * `npm run conformance:foreign [-- OPTIONS]`: runs the suites of others in the machine and natively, and writes docs/foreign-suites.md from the
 * last result of each.
 *
 *   --suite NAME    only this one (more than once for several)
 *   --side SIDE     only `emulated` or only `native`; the other side's last result stays
 *   --case NAME     with --suite: only this case (busybox: an applet), `--times N` times, on both sides; prints what came of it, keeps nothing
 *   --render        only writes the page, after a cause has been added to causes.json
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { KernelSession } from "warmboot";
import { imageFile, path } from "../paths.ts";
import { type Causes, renderForeign } from "./report.ts";
import { keepRun, keptRuns } from "./results.ts";
import { prepareRoots } from "./roots.ts";
import { pushRoot, runEmulated, runNatively } from "./runners.ts";
import { parseOutcomes, type Side, type Suite, sides, suites } from "./suite.ts";

const MEMORY_MB = 512;
const KEEP_EVERY_MS = 30_000;

const { values } = parseArgs({
  options: {
    suite: { type: "string", multiple: true },
    side: { type: "string", multiple: true },
    case: { type: "string", multiple: true, default: [] },
    times: { type: "string", default: "1" },
    render: { type: "boolean", default: false },
  },
});
const chosen = suites.filter(({ name }) => values.suite?.includes(name) ?? true);
if (chosen.length === 0) throw new Error(`no such suite; there are: ${suites.map(({ name }) => name).join(", ")}`);
const chosenSides = sides.filter((side) => values.side?.includes(side) ?? true);
if (values.case.length > 0 && chosen.length > 1) throw new Error("--case needs one --suite");

const secondsSince = (start: number): number => Math.round((performance.now() - start) / 1000);

async function runSuites(): Promise<void> {
  const versions = new Map(prepareRoots().map((line) => line.split(" ") as [string, string]));
  await using session = chosenSides.includes("emulated")
    ? await KernelSession.boot({ image: imageFile, memoryMb: MEMORY_MB })
    : undefined;
  if (session !== undefined) await pushRoot(session);

  const run = (side: Side, suite: Suite, onOutput: (text: string) => void): Promise<void> => {
    const request = { suite, cases: values.case, onOutput };
    return side === "emulated" && session !== undefined ? runEmulated(session, request) : runNatively(request);
  };

  async function runWhole(side: Side, suite: Suite): Promise<void> {
    const kernel = side === "native" ? "" : ((await session?.exec("uname -srvm"))?.stdout.trim() ?? "");
    const start = performance.now();
    let text = "";
    // WHY also before the end: a run takes long, and whoever stops it keeps what it has.
    const keep = (): void => {
      const seconds = secondsSince(start);
      const outcomes = parseOutcomes(text);
      const date = new Date().toISOString().slice(0, 10);
      console.log(`${suite.name}, ${side}: ${outcomes.size} cases after ${seconds} s`);
      keepRun(suite, side, {
        version: versions.get(suite.source) ?? "",
        date,
        machine: session === undefined ? "" : `${kernel}, image \`${session.info.imageId}\``,
        outcomes,
        seconds,
      });
    };
    const timer = setInterval(keep, KEEP_EVERY_MS);
    await run(side, suite, (piece) => {
      text += piece;
    });
    clearInterval(timer);
    keep();
  }

  for (const suite of chosen)
    for (const side of chosenSides)
      if (values.case.length === 0) await runWhole(side, suite);
      else
        for (let time = 1; time <= Number(values.times); time++) {
          const prefix = `${side} ${time}: `;
          await run(side, suite, (piece) => process.stdout.write(piece.replace(/^(?=.)/gm, prefix)));
        }
}

if (!values.render) await runSuites();
if (values.case.length === 0) {
  const causes = JSON.parse(readFileSync(path("e2e/conformance/foreign/causes.json"), "utf8")) as Causes;
  const { text, unexplained } = renderForeign(keptRuns(), causes);
  writeFileSync(path("docs/foreign-suites.md"), text);
  console.log(`${unexplained} differences without a known cause`);
  process.exitCode = unexplained === 0 ? 0 : 1;
}
