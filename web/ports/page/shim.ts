/**
 * Runs in each document of the guest before its own scripts: what the worker cannot do. It is at the mercy of the document; nothing relies on it for safety.
 */
import { labelOf } from "../shared/address.ts";
import { type FromFrame, type FromWorker, ours, type ToFrame, type ToWorker } from "../shared/protocol.ts";
import { CookieText } from "./shim-cookies.ts";
import { followLinks } from "./shim-links.ts";
import { socketClass } from "./shim-websocket.ts";

const script = document.currentScript as HTMLScriptElement | null;
const { cookies = "", site = "" } = JSON.parse(script?.dataset["warmboot"] ?? "{}") as Record<string, string>;
script?.remove();

const port = labelOf(location.hostname)?.port ?? 0;
const workers = navigator.serviceWorker;
const tell = (message: ToWorker, ports: MessagePort[] = []) => workers?.controller?.postMessage(message, ports);
const isFramed = parent !== window && parent === top;
const say = (message: FromFrame) => {
  if (isFramed) parent.postMessage(message, site);
};

const jar = new CookieText(cookies, (cookie) => tell({ warmboot: "cookie", cookie }));
Object.defineProperty(Document.prototype, "cookie", {
  configurable: true,
  enumerable: true,
  get: () => jar.text,
  set: (cookie: unknown) => jar.set(String(cookie)),
});
window.WebSocket = socketClass(window.WebSocket, port, (path, protocols, other) =>
  tell({ warmboot: "websocket", path, protocols }, [other]),
);
followLinks((url) => say({ warmboot: "outside", url }));

workers?.addEventListener("message", (event) => {
  const message = ours<FromWorker>(event.data);
  if (!message) return;
  event.stopImmediatePropagation();
  if (message.warmboot === "cookies") jar.text = message.cookies;
  if (message.warmboot === "link-wanted") say({ warmboot: "link-wanted" });
});
workers?.startMessages();

addEventListener("message", (event) => {
  if (event.source !== parent || event.origin !== site || !isFramed) return;
  const message = ours<ToFrame>(event.data);
  if (!message) return;
  event.stopImmediatePropagation();
  const [other] = event.ports;
  if (message.warmboot === "link" && other) tell({ warmboot: "link" }, [other]);
  if (message.warmboot === "reload") location.reload();
  if (message.warmboot === "back") history.back();
  if (message.warmboot === "forward") history.forward();
});

const shown = () =>
  say({ warmboot: "shown", path: location.pathname + location.search + location.hash, title: document.title });
for (const event of ["DOMContentLoaded", "load", "popstate", "hashchange", "pageshow"])
  addEventListener(event, () => setTimeout(shown));
(window as { navigation?: EventTarget }).navigation?.addEventListener("currententrychange", () => setTimeout(shown));
