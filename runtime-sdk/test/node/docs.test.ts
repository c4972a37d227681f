/** What the documentation points to is there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const pages = [
  "README.md",
  "image/README.md",
  ...readdirSync(`${root}docs`)
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
];
const read = (path: string) => readFileSync(join(root, path), "utf8");

/** Anchors of a page as GitHub makes them of its headings: the second of one text ends with -1. */
function anchors(page: string): string[] {
  const seen = new Map<string, number>();
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => {
    const anchor = heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-");
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}

it.each(pages)("%s has no dead links", (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
  const dead = links.filter(([, file = "", anchor]) => {
    const target = file === "" ? page : join(dirname(page), file);
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && !anchors(target).includes(anchor);
  });
  expect(dead.map(([link]) => link)).toEqual([]);
});

it.each(pages)("%s names npm scripts that exist", (page) => {
  const scripts = (folder: string) =>
    (JSON.parse(read(`${folder}package.json`)) as { scripts?: Record<string, string> }).scripts ?? {};
  const workspaces: Record<string, string> = {
    "": "",
    warmboot: "runtime-sdk/",
    "@warmboot/image": "image/",
    "@warmboot/web": "web/",
    "@warmboot/e2e": "e2e/",
  };
  const named = [...read(page).matchAll(/npm (?:run )?((?!ci\b|run\b|i\b)[a-z][\w:-]*)(?: -w ([@/\w-]+))?/g)];
  const unknown = named.filter(([, script = "", workspace = ""]) => {
    const folder = workspaces[workspace];
    return folder === undefined || !(script in scripts(folder));
  });
  expect(unknown.map(([text]) => text)).toEqual([]);
});

it("docs/errors.md has every code", () => {
  const codes =
    read("docs/api.md")
      .match(/\*\*ErrorCode\*\* = (.+)/)?.[1]
      ?.match(/"([\w-]+)"/g) ?? [];
  expect(codes.length).toBeGreaterThan(10);
  const documented = read("docs/errors.md");
  expect(codes.filter((code) => !documented.includes(`\`${code.slice(1, -1)}\``))).toEqual([]);
});
