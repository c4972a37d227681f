import { expect, it } from "vitest";
import { bootMachine } from "../dist/session/entry.js";
import { imageUrl, rejection } from "./support/machine.ts";

const { faultyPlatform } = await (typeof window === "undefined"
  ? import("./support/faulty-node.ts")
  : import("./support/faulty-browser.ts"));

async function bootFaulty() {
  const fault = faultyPlatform();
  const session = await bootMachine(fault.platform, { image: imageUrl(), hangTimeoutMs: 2000 });
  const failed = new Promise<{ code: string }>((resolve) => session.on("error", resolve));
  return { ...fault, session, failed };
}

it("a thread that hangs is noticed and killed, and what was under way says so", async () => {
  const { session, post, failed } = await bootFaulty();
  const running = rejection(session.exec("sleep 1000"));
  post({ type: "test-hang" });
  expect((await failed).code).toBe("emulator-hung");
  expect(await running).toMatchObject({ code: "emulator-hung" });
  expect(session.state).toBe("failed");
  await session.close();
  expect(session.state).toBe("closed");
});

it("a thread that is killed is noticed", async () => {
  const { session, kill, failed } = await bootFaulty();
  const running = rejection(session.exec("sleep 1000"));
  kill();
  expect((await failed).code).toMatch(/^emulator-(crashed|hung)$/);
  expect(await running).toMatchObject({ code: (await failed).code });
  await session.close();
});

it("a thread that throws is noticed, with the reason", async () => {
  const { session, post, failed } = await bootFaulty();
  post({ type: "test-throw" });
  expect(await failed).toMatchObject({
    code: "emulator-crashed",
    message: expect.stringContaining("a fault made by a test"),
  });
  await session.close();
});

it("a machine under full load is not taken for hung", async () => {
  const { session } = await bootFaulty();
  const result = await session.exec(
    "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done; echo $i; sleep 3; echo $((i+1))",
  );
  expect(result.stdout).toBe("60000\n60001\n");
  await session.close();
});
