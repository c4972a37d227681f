/** The page of ours at a port's origin: starts the worker and gets it a way to the machine, or says why the guest's page is not there. */
import { labelOf, siteOrigin } from "../shared/address.ts";
import { type FromFrame, type FromWorker, ours, type ToFrame, type ToWorker, WORKER_FILE } from "../shared/protocol.ts";
import { problemText } from "./texts.ts";

/** Put in by the build. */
declare const WARMBOOT_SITE: string;

const RETRY_MS = 15_000;
const NO_ANSWER_MS = 8000;
const ASK_MS = 1000;
const label = labelOf(location.hostname);
const site = siteOrigin(WARMBOOT_SITE, location);
/** By the worker; by a server of files there is nothing. */
const given = readGiven();

if (!label || site === "" || parent === window || parent !== top) show("no-frame");
else if (!("serviceWorker" in navigator)) show("not-allowed");
else start().catch((error: unknown) => show("not-allowed", String(error)));

async function start(): Promise<void> {
  const { problem, detail } = given;
  if (problem !== "") show(problem, detail);
  await navigator.serviceWorker.register(WORKER_FILE, { updateViaCache: "none" });
  const { active } = await navigator.serviceWorker.ready;
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    const message = ours<FromWorker>(data);
    if (message?.warmboot === "linked" && problem === "") again();
    if (message?.warmboot === "link-wanted") say({ warmboot: "link-wanted" });
  });
  navigator.serviceWorker.startMessages();
  addEventListener("message", (event) => {
    if (event.source !== parent || event.origin !== site) return;
    const message = ours<ToFrame>(event.data);
    const [port] = event.ports;
    const link: ToWorker = { warmboot: "link" };
    if (message?.warmboot === "link" && port) active?.postMessage(link, [port]);
    if (message?.warmboot === "try-again" || message?.warmboot === "reload") again();
    if (message?.warmboot === "back") history.back();
    if (message?.warmboot === "forward") history.forward();
  });
  say({ warmboot: "problem", problem });
  if (problem === "") {
    say({ warmboot: "link-wanted" });
    setInterval(() => say({ warmboot: "link-wanted" }), ASK_MS);
    setTimeout(() => show("no-machine"), NO_ANSWER_MS);
  } else if (problem !== "outside") {
    setInterval(() => document.hidden || again(), RETRY_MS);
  }
}

function again(): void {
  location.reload();
}

function say(message: FromFrame): void {
  parent.postMessage(message, site);
}

function show(problem: string, detail = ""): void {
  const { title, text, command } = problemText(problem, label?.port ?? 0);
  document.title = title;
  const paragraph = (...content: (Node | string)[]) => {
    const element = document.createElement("p");
    element.append(...content);
    return element;
  };
  const heading = document.createElement("h1");
  heading.textContent = title;
  const parts: Node[] = [heading, paragraph(text)];
  if (command !== undefined) {
    const code = document.createElement("code");
    code.textContent = command;
    parts.push(paragraph(code));
  }
  if (problem === "outside") parts.push(paragraph(link(detail)));
  else if (problem === "no-frame" && site !== "") parts.push(paragraph(link(`${site}/`)));
  else if (detail !== "") parts.push(paragraph(detail));
  document.getElementById("notice")?.replaceChildren(...parts);
}

function link(href: string): Node {
  if (!/^https?:/i.test(href)) return document.createTextNode(href);
  const anchor = document.createElement("a");
  Object.assign(anchor, { href, target: "_blank", rel: "noopener noreferrer", textContent: href });
  return anchor;
}

function readGiven(): { readonly problem: string; readonly detail: string } {
  const { problem = "", detail = "" } = JSON.parse(document.documentElement.dataset["warmboot"] ?? "{}");
  return { problem: String(problem), detail: String(detail) };
}
