import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CONTROL = `Package: warmboot-greeting
Version: 1.0
Architecture: all
Maintainer: Nobody <nobody@site.example>
Description: says a word
`;

const run = (cwd: string, command: string, ...args: string[]) =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** What the site serves: `/debian/`, a flat package repository, and `/git/project.git`. The caller removes the folder. */
export function makeFiles(): { directory: string; commit: string } {
  const directory = mkdtempSync(join(tmpdir(), "warmboot-site-"));
  makePackages(join(directory, "debian"));
  return { directory, commit: makeRepository(directory) };
}

function makePackages(directory: string): void {
  const root = join(directory, "build");
  mkdirSync(join(root, "DEBIAN"), { recursive: true });
  mkdirSync(join(root, "usr/bin"), { recursive: true });
  writeFileSync(join(root, "DEBIAN/control"), CONTROL);
  writeFileSync(join(root, "usr/bin/warmboot-greeting"), "#!/bin/sh\necho installed by apt\n", { mode: 0o755 });
  run(directory, "dpkg-deb", "--root-owner-group", "--build", "build", "greeting.deb");
  const file = join(directory, "greeting.deb");
  const [hash] = run(directory, "sha256sum", file).split(" ");
  const size = run(directory, "stat", "-c", "%s", file).trim();
  writeFileSync(join(directory, "Packages"), `${CONTROL}Filename: ./greeting.deb\nSize: ${size}\nSHA256: ${hash}\n`);
}

/** @returns the id of its only commit */
function makeRepository(directory: string): string {
  const work = join(directory, "work");
  mkdirSync(work);
  const git = (...args: string[]) =>
    run(work, "git", "-c", "user.name=Nobody", "-c", "user.email=nobody@site.example", ...args);
  git("init", "--quiet", "--initial-branch=main");
  // More than fits in one packet of the relay's protocol.
  for (let i = 0; i < 50; i++) writeFileSync(join(work, `file-${i}`), `${i}\n`.repeat(2000 + i));
  git("add", ".");
  git("commit", "--quiet", "--message=All of it");
  mkdirSync(join(directory, "git"));
  git("clone", "--quiet", "--bare", ".", "../git/project.git");
  return git("rev-parse", "HEAD").trim();
}
