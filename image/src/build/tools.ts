import { access } from "node:fs/promises";

/** The programs a build runs, and the Debian package of each. */
const TOOLS: Readonly<Record<string, string>> = {
  "arch-test": "arch-test",
  bc: "bc",
  bison: "bison",
  debugfs: "e2fsprogs",
  fakeroot: "fakeroot",
  flex: "flex",
  gcc: "build-essential",
  "i686-linux-gnu-gcc": "gcc-i686-linux-gnu",
  lz4: "lz4",
  make: "build-essential",
  mke2fs: "e2fsprogs",
  mmdebstrap: "mmdebstrap",
  perl: "perl",
  xz: "xz-utils",
};

/** @throws Error with the line that installs what is missing. */
export async function requireTools(): Promise<void> {
  const missing: string[] = [];
  for (const tool of Object.keys(TOOLS)) if (!(await isInstalled(tool))) missing.push(tool);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((tool) => TOOLS[tool]))].sort();
  throw new Error(`missing: ${missing.join(", ")}. Install with: apt install ${packages.join(" ")}`);
}

async function isInstalled(tool: string): Promise<boolean> {
  // WHY: Debian keeps mke2fs and debugfs out of an ordinary user's PATH.
  for (const directory of [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"]) {
    const found = await access(`${directory}/${tool}`).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}
