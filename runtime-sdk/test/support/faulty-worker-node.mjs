// The machine's thread with two faults on request; everything else is the real one.
import { parentPort } from "node:worker_threads";
import "../../dist/node/worker.js";

parentPort.on("message", (message) => {
  if (message.type === "test-hang") for (;;);
  if (message.type === "test-throw") throw new Error("a fault made by a test");
});
