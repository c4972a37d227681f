// The machine's thread with two faults on request; everything else is the real one.
import "../../dist/worker/browser.js";

self.addEventListener("message", ({ data }) => {
  if (data.type === "test-hang") for (;;);
  if (data.type === "test-throw") throw new Error("a fault made by a test");
});
