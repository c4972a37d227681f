import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { type Capabilities, README_HEADING, readmeSection } from "../src/capabilities.ts";

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const read = (relative: string) => readFileSync(path(relative), "utf8");
const capabilities = JSON.parse(read("image/capabilities.json")) as Capabilities;
const readme = read("README.md");
const section = readmeSection(capabilities);

/** Everything the page can say: its HTML and the strings of its sources. */
const page = [
  "web/index.html",
  ...readdirSync(path("web/src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => `web/src/${name}`),
].map(read);

it("is what the README says is in the machine", () => {
  const start = readme.indexOf(README_HEADING);
  const end = readme.indexOf("\n## ", start + 1);
  expect(`${readme.slice(start, end).trimEnd()}\n`).toBe(section);
});

it("lists under commands and absent no name twice", () => {
  const offered = Object.keys(capabilities.commands);
  expect(Object.keys(capabilities.absent).filter((name) => offered.includes(name))).toEqual([]);
});

it("has a value and a probe in every line", () => {
  for (const [group, lines] of Object.entries(capabilities)) {
    if (typeof lines === "string") continue;
    for (const [name, { value, probe }] of Object.entries(lines as Capabilities["commands"])) {
      expect(value, `${group}.${name}`).not.toBe("");
      expect(probe, `${group}.${name}`).not.toBe("");
    }
  }
});

/** Names of programs as text gives them; ordinary words that are also program names are left out. */
const PLAIN_WORDS = ["man", "screen", "node"];
const absentNames = Object.keys(capabilities.absent).filter((name) => !PLAIN_WORDS.includes(name));
const named = (text: string): string[] =>
  absentNames.filter((name) => new RegExp(`(?<![\\w./-])${name.replace(".", "\\.")}(?![\\w-])`).test(text));

/** What the README says of the machine: without the section above and without the commands that are for the reader's computer. */
const readmeClaims = readme.replace(section, "").replace(/```sh\n[\s\S]*?```/g, "");

it("lets neither the README nor the page name a program that is not in the image", () => {
  expect(named(readmeClaims)).toEqual([]);
  expect(page.flatMap(named)).toEqual([]);
});

it("lets neither the README nor the page give another version of Linux, Debian or Python", () => {
  const { system, languages } = capabilities;
  const right = {
    Linux: system["kernel"]?.value,
    Debian: system["debian"]?.value,
    Python: languages["python3"]?.value,
  };
  for (const text of [readmeClaims, ...page]) {
    for (const [, name, version] of text.matchAll(/\b(Linux|Debian|Python) (\d[\d.]*\d|\d)/g)) {
      const known = right[name as keyof typeof right];
      expect(known === version || known?.startsWith(`${version}.`), `${name} ${version}`).toBe(true);
    }
    for (const [, version] of text.matchAll(/\b(\d\.\d+) kernel\b/g)) expect(version).toBe(right.Linux);
  }
});
