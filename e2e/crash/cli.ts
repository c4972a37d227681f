/** `npm run crash -- [--cycles N] [--runtime node|chromium|both] [--seed S]`: kills a machine again and again; see docs/snapshots.md. */
import { parseArgs } from "node:util";
import { LIES, type Lie } from "./beside/lies.ts";
import { CrashTest } from "./crash-test.ts";
import { nodePlace } from "./places/node-place.ts";
import { pagePlace } from "./places/page-place.ts";
import type { Place } from "./places/place.ts";
import { type Plan, plansOf } from "./plan.ts";
import { lineOf } from "./summary.ts";

const RUNTIMES = { node: [nodePlace], chromium: [pagePlace], both: [nodePlace, pagePlace] };

const { values } = parseArgs({
  options: {
    cycles: { type: "string", default: "50" },
    runtime: { type: "string", default: "both" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 32)) },
    lie: { type: "string" },
  },
});
const [cycles, seed] = [Number(values.cycles), Number(values.seed)];
const { runtime } = values;
const lie = values.lie ?? null;
const isKnown = (name: string): name is keyof typeof RUNTIMES => name in RUNTIMES;
const isLie = (name: string): name is Lie => LIES.includes(name as Lie);
if (!(cycles > 0) || !Number.isSafeInteger(seed) || !isKnown(runtime) || (lie !== null && !isLie(lie))) {
  console.error(
    `Usage: npm run crash -- [--cycles N] [--runtime node|chromium|both] [--seed S] [--lie ${LIES.join("|")}]`,
  );
  process.exit(2);
}

const places = RUNTIMES[runtime];
for (const open of places) {
  const plans = plansOf(Math.ceil(cycles / places.length), seed);
  if (!(await crash(await open(), plans, lie))) process.exitCode = 1;
}

async function crash(place: Place, plans: readonly Plan[], lie: Lie | null): Promise<boolean> {
  console.log(`${place.name}: ${plans.length} cycles, seed ${seed}`);
  const test = new CrashTest({ place, plans, lie, onCycle: (line) => console.log(`  ${line}`) });
  const startedAt = performance.now();
  let failure: string | null = null;
  try {
    await test.run();
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  await place.close(failure !== null);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  if (failure !== null) console.log(`${place.name}: FAILED: ${failure}\nWhat there is: ${place.folder}`);
  console.log(
    `${place.name}: ${failure === null ? "ok" : "FAILED"}, seed ${seed}: ${lineOf(test.summary)}; ${seconds} s`,
  );
  return failure === null;
}
