import { readFile } from "node:fs/promises";
import type { DebianPackage } from "../prebuilt.ts";

/** Reads lines of `package version source source-version`, as dpkg-query and fetch-sources.sh print them. */
export function parsePackages(text: string): DebianPackage[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [name, version, source, sourceVersion, ...rest] = line.split(" ");
      if (!name || !version || !source || !sourceVersion || rest.length > 0)
        throw new Error(`not a package line: "${line}"`);
      return { name, version, source, sourceVersion };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export async function readPackages(path: string): Promise<DebianPackage[]> {
  return parsePackages(await readFile(path, "utf8"));
}
