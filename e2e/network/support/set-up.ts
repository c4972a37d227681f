import { afterAll, beforeAll } from "vitest";
import type { Guest } from "./guest.ts";
import { Lab } from "./lab.ts";

/** What the tests of a file have in common. */
export interface SetUp {
  readonly lab: Lab;
  readonly guest: Guest;
}

/** Whether the machine goes on from a saved state before the tests begin. */
const IS_RESTORED = process.env["WARMBOOT_RESTORED"] === "1";

async function bootRestored(lab: Lab): Promise<Guest> {
  const saved = "before the tests";
  const first = await lab.boot({ saved });
  // A name that it has looked up before.
  await first.run("curl -sS http://site.example/");
  await first.machine.save();
  await first.machine.close();
  const second = await lab.boot({ saved });
  const how = await second.machine.opened();
  if (how !== "warm") throw new Error(`the machine was not restored, but opened ${how}`);
  return second;
}

/** A lab for the tests of a file, and a machine in it. */
export function setUp(): SetUp {
  let opened: Lab | undefined;
  let booted: Guest | undefined;
  beforeAll(async () => {
    opened = await Lab.open();
    booted = IS_RESTORED ? await bootRestored(opened) : await opened.boot();
  });
  afterAll(async () => {
    await booted?.machine.close();
    await opened?.close();
  });
  const there = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error("nothing is there before the tests begin");
    return value;
  };
  return {
    get lab() {
      return there(opened);
    },
    get guest() {
      return there(booted);
    },
  };
}
