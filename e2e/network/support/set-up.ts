import { afterAll, beforeAll } from "vitest";
import type { Guest } from "./guest.ts";
import { Lab } from "./lab.ts";

/** What the tests of a file have in common. */
export interface SetUp {
  readonly lab: Lab;
  readonly guest: Guest;
}

/** A lab for the tests of a file, and a machine in it. */
export function setUp(): SetUp {
  let opened: Lab | undefined;
  let booted: Guest | undefined;
  beforeAll(async () => {
    opened = await Lab.open();
    booted = await opened.boot();
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
