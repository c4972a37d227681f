import { readdir, readFile } from "node:fs/promises";
import { sha256 } from "./digest.ts";
import { imageDir } from "./paths.ts";

/** What an image is built from. Of the agent only what is compiled, so that its tests and notes can change freely. */
const INPUTS = ["agent", "disk", "kernel", "rootfs", "sources", "recipe.json"] as const;
const AGENT_SOURCE = /^agent\/(Makefile|[^/]+\.[ch])$/;

/** Names (relative to `image/`, sorted) and bytes of all inputs. */
export async function readInputs(): Promise<Map<string, Buffer>> {
  const names: string[] = [];
  for (const input of INPUTS) {
    if (input.includes(".")) names.push(input);
    else names.push(...(await listFiles(input)));
  }
  const wanted = names.filter((name) => !name.startsWith("agent/") || AGENT_SOURCE.test(name)).sort();
  return new Map(await Promise.all(wanted.map(async (name) => [name, await readFile(imageDir + name)] as const)));
}

/** SHA-256 over the names and bytes of all inputs, or of those that start with a prefix. */
export async function hashInputs(...prefixes: string[]): Promise<string> {
  const inputs = [...(await readInputs())].filter(
    ([name]) => prefixes.length === 0 || prefixes.some((prefix) => name.startsWith(prefix)),
  );
  return sha256(...inputs.map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`));
}

async function listFiles(directory: string): Promise<string[]> {
  const entries = await readdir(imageDir + directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(imageDir.length).replaceAll("\\", "/"));
}
