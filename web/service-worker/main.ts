/** The site's service worker: gives the page, and what a machine starts from, where there is no network. */
import type { ToServiceWorker } from "../src/offline/names.ts";
import { imageAnswer } from "./image-files.ts";
import { installSite, siteAnswer, tidy } from "./site-files.ts";

declare const self: ServiceWorkerGlobalScope;

self.addEventListener("install", (event) => event.waitUntil(installSite(event)));

// WHY claim: a page that came before its service worker would open its panels without it.
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim().then(tidy)));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  // What is asked for in parts, sent, or of another site, is none of ours: the browser does as without us.
  if (request.method !== "GET" || request.headers.has("Range")) return;
  const answer = siteAnswer(request) ?? imageAnswer(request);
  if (answer) event.respondWith(answer);
});

self.addEventListener("message", (event) => {
  const message = event.data as ToServiceWorker;
  // A new version waits until a person asks for it.
  if (message === "activate") event.waitUntil(self.skipWaiting());
  if (message === "tidy") event.waitUntil(tidy());
});
