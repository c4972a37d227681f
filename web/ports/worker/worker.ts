/// <reference lib="webworker" />
/**
 * The worker of one port's origin: answers everything that documents there ask for by what the guest's server answers, which it gets from the machine's page.
 * Everything here is in the hands of the guest's documents as well; what they may do is decided at the machine's page.
 */
import { guestPortOf, labelOf, shownAddress, siteOrigin } from "../shared/address.ts";
import { type FromWorker, ours, PAGE_FILE, type ToMachine, type ToWorker, WORKER_FILE } from "../shared/protocol.ts";
import { type Answer, exchange } from "./exchange.ts";
import { withScript } from "./html.ts";
import { MachineLinks } from "./machine-links.ts";
import { framedHeaders } from "./policy.ts";
import { bodyOf, guestRequest } from "./request.ts";

declare const self: ServiceWorkerGlobalScope;
/** Put in by the build. */
declare const WARMBOOT_SITE: string;
declare const WARMBOOT_PAGE: string;
declare const WARMBOOT_PAGE_SCRIPT: string;
declare const WARMBOOT_SHIM: string;
declare const WARMBOOT_SHIM_HASH: string;

const NO_BODY = [101, 204, 205, 304];
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const label = labelOf(self.location.hostname);
const site = siteOrigin(WARMBOOT_SITE, self.location);
const { origin } = self.location;
const links = new MachineLinks(self.clients);

self.addEventListener("install", () => void self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const message = ours<ToWorker>(event.data);
  const client = event.source instanceof WindowClient ? event.source : null;
  const [port] = event.ports;
  if (!message || !client) return;
  if (message.warmboot === "link" && port) {
    links.add(port);
    const linked: FromWorker = { warmboot: "linked" };
    client.postMessage(linked);
  }
  if (message.warmboot === "websocket" && port) {
    const { path, protocols } = message;
    event.waitUntil(tell({ type: "websocket", path, protocols }, port));
  }
  if (message.warmboot === "cookie")
    event.waitUntil(tell({ type: "cookie", path: new URL(client.url).pathname, cookie: message.cookie }));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const guestPort = guestPortOf(url);
  if (url.origin !== origin && guestPort === null) return;
  if (url.origin === origin && url.pathname === WORKER_FILE) return;
  if (url.origin === origin && url.pathname === PAGE_FILE) event.respondWith(pageScript());
  // WHY never the network: that would be another server, on the person's own computer.
  else if (!label || (url.origin !== origin && guestPort !== label.port)) event.respondWith(Response.error());
  else event.respondWith(answer(event, url, label.port));
});

async function tell(message: ToMachine, port?: MessagePort): Promise<void> {
  const link = await links.get();
  link?.port.postMessage(message, port ? [port] : []);
}

async function answer({ request, clientId }: FetchEvent, url: URL, port: number): Promise<Response> {
  const isDocument = request.mode === "navigate";
  const client = isDocument || clientId === "" ? null : await self.clients.get(clientId);
  const documentPath = new URL(isDocument ? url : (client?.url ?? url)).pathname;
  const body = await bodyOf(request);
  const asked = guestRequest(request, url.pathname + url.search, port, documentPath);
  const got = await exchange(links, asked, body, request.signal);
  if (!got) return isDocument ? ownPage("") : Response.error();
  if (got.type === "failed") return isDocument ? ownPage(got.problem, got.detail) : Response.error();
  const cookies: FromWorker = { warmboot: "cookies", cookies: got.cookies };
  client?.postMessage(cookies);
  return respond(got, url, isDocument);
}

async function respond(got: Answer & { readonly type: "answer" }, url: URL, isDocument: boolean): Promise<Response> {
  const { status, statusText } = got;
  const headers = isDocument
    ? framedHeaders(got.headers, { site, scriptHash: WARMBOOT_SHIM_HASH })
    : new Headers(got.headers.map(([name, value]): [string, string] => [name, value]));
  const location = headers.get("location");
  if (location !== null) {
    const target = shownAddress(location, url.href, origin);
    // The site lets nothing else into the frame.
    if (isDocument && URL.canParse(target) && !labelOf(new URL(target).hostname)) return ownPage("outside", target);
    headers.set("location", target);
  }
  if (NO_BODY.includes(status) || !got.body) return new Response(null, { status, statusText, headers });
  const type = headers.get("content-type") ?? "";
  if (!isDocument || !/^text\/html\b/i.test(type)) return new Response(got.body, { status, statusText, headers });
  const given = attribute(JSON.stringify({ cookies: got.cookies, site }));
  const document = await withScript(got.body, type, `<script data-warmboot="${given}">${WARMBOOT_SHIM}</script>`);
  headers.set("content-type", document.type);
  return new Response(document.body, { status, statusText, headers });
}

/** Our own page in the place of the document: it gets us a way to the machine, or says what is wrong. */
function ownPage(problem: string, detail = ""): Response {
  const given = attribute(JSON.stringify({ problem, detail }));
  return new Response(
    WARMBOOT_PAGE.replace("<html", () => `<html data-warmboot="${given}"`),
    {
      status: 503,
      headers: {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "content-security-policy": `${PAGE_POLICY}; frame-ancestors ${site}`,
      },
    },
  );
}

function pageScript(): Response {
  return new Response(WARMBOOT_PAGE_SCRIPT, { headers: { "content-type": "text/javascript; charset=utf-8" } });
}

function attribute(text: string): string {
  return text.replace(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
