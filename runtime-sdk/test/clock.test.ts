import { expect, it } from "vitest";
import { boot } from "./support/machine.ts";

const HOUR_MS = 3_600_000;

it("the guest's clock follows when the computer's is stepped", async () => {
  await using session = await boot();
  const real = Date.now;
  const guest = async () => Number((await session.exec("date +%s%3N")).stdout);
  expect(Math.abs((await guest()) - real())).toBeLessThan(1000);
  // A test must not set the computer's clock; what the library reads of it is all it knows.
  Date.now = () => real() + HOUR_MS;
  try {
    await expect.poll(async () => Math.abs((await guest()) - Date.now()), { timeout: 60_000 }).toBeLessThan(1000);
  } finally {
    Date.now = real;
  }
  await expect.poll(async () => Math.abs((await guest()) - Date.now()), { timeout: 60_000 }).toBeLessThan(1000);
});
