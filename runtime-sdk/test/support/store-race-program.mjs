// Takes a machine over again and again, and counts in its head; tells which numbers it has written. See node/store-race.test.ts.
import { localStore } from "warmboot";

const [folder, rounds] = process.argv.slice(2);
const store = localStore(folder);
const mine = [];
process.once("message", async () => {
  for (let i = 0; i < Number(rounds); i++) {
    const lock = await store.lock("m", { holder: "a race", takeover: i % 3 > 0, onLost: () => {} });
    if (typeof lock === "string") continue;
    const expected = await store.head("a");
    const [count = 0] = expected ? JSON.parse(new TextDecoder().decode(expected)) : [];
    const text = new TextEncoder().encode(JSON.stringify([count + 1, process.pid]));
    const change = {
      add: new Map([[`memory-${count + 1}`, text]]),
      head: text,
      expected,
      remove: [`memory-${count - 1}`],
    };
    if (await store.commit("a", change)) mine.push(count + 1);
    if (i % 2) await lock.release();
  }
  process.send(mine, () => process.exit());
});
process.send("ready");
