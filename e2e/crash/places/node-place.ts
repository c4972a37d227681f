import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imagesDirectory, repository } from "../../bench/host/paths.ts";
import type { Report } from "../beside/messages.ts";
import type { NodeCall, NodeMessage } from "../beside/node-entry.ts";
import { type Call, callsThrough, type Life, type Place } from "./place.ts";

const PROGRAM = join(repository, "e2e/dist/crash/beside/node-entry.js");

/** Each life is a process of Node; the machine is saved in a folder. */
export async function nodePlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "warmboot-crash-node-"));
  const living = new Set<ChildProcess>();
  return {
    name: "Node",
    hasBrowser: false,
    folder,
    store: join(folder, "store"),
    image: join(imagesDirectory, "default/image.json"),
    begin: async (tell) => {
      const child = fork(PROGRAM, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
      living.add(child);
      child.on("exit", () => living.delete(child));
      await once(child, "spawn");
      return lifeOf(child, tell);
    },
    close: async (keep) => {
      for (const child of living) child.kill("SIGKILL");
      if (!keep) await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

function lifeOf(child: ChildProcess, tell: (report: Report) => void): Life {
  const waiting = new Map<number, Waiting>();
  // WHY "disconnect" and not "exit": messages may still be in the pipe then.
  const gone = Promise.all([once(child, "exit"), once(child, "disconnect")]).then(() => {
    for (const { reject } of waiting.values()) reject(new Error("the process is gone"));
  });
  child.on("message", (message: NodeMessage) => {
    if (message.kind !== "answer" && message.kind !== "error") {
      tell(message);
      return;
    }
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.kind === "answer") call?.resolve(message.value);
    else call?.reject(new Error(`${message.code}: ${message.message}`));
  });
  let last = 0;
  const call: Call = (name, values) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      const message: NodeCall = { id, name, values };
      child.send(message, (error) => {
        if (error) reject(error);
      });
    });
  return {
    ...callsThrough(call),
    kill: async () => {
      child.kill("SIGKILL");
      await gone;
    },
  };
}
