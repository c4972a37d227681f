import { createServer, type Server } from "node:http";
import type { RelayMetrics } from "../metrics.ts";
import { reply } from "./reply.ts";

/** The operator's own listener: health, readiness, and the metrics, which are not for the world. */
export function createOperations(metrics: RelayMetrics, isDraining: () => boolean): Server {
  return createServer((request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD")
      return reply(request, response, 405, { code: "method-not-allowed", message: "it can only be read" });
    switch (request.url) {
      case "/health":
        return reply(request, response, 200, { status: "ok" });
      case "/ready":
        return reply(request, response, isDraining() ? 503 : 200, { status: isDraining() ? "draining" : "ready" });
      case "/metrics":
        metrics.registry.metrics().then(
          (text) => {
            response.writeHead(200, { "Content-Type": metrics.registry.contentType, "Cache-Control": "no-store" });
            response.end(text);
          },
          () => reply(request, response, 500, { code: "unavailable", message: "the metrics could not be gathered" }),
        );
        return;
      default:
        return reply(request, response, 404, { code: "not-found", message: "there is nothing here" });
    }
  });
}
