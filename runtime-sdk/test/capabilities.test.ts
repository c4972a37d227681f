import { afterAll, beforeAll, expect, it } from "vitest";
import type { KernelSession } from "warmboot";
import capabilities from "../../image/capabilities.json" with { type: "json" };
import { boot } from "./support/machine.ts";

let session: KernelSession;
beforeAll(async () => {
  session = await boot();
});
afterAll(() => session?.close());

/** Lines of capabilities.json as [group, name, value, probe]. */
const lines = Object.entries(capabilities).flatMap(([group, entries]) =>
  typeof entries === "string"
    ? []
    : Object.entries(entries as Record<string, { value: string; probe: string }>).map(
        ([name, { value, probe }]) => [group, name, value, probe] as const,
      ),
);

it.each(lines)("image/capabilities.json is right about %s: %s", async (_group, _name, value, probe) => {
  const result = await session.exec(probe);
  expect(result.stdout.trim(), result.stderr).toBe(value);
});

it.each([
  ["bash", "bash -c 'a=(1 2 3); echo $((a[1]*21))'", "42"],
  [
    "python3 with ssl",
    `python3 -c "import ssl,hashlib;print(6*7, ssl.create_default_context().verify_mode.name)"`,
    "42 CERT_REQUIRED",
  ],
  [
    "git",
    "cd $(mktemp -d) && git init -q . && echo x>f && git add f && git -c user.name=a -c user.email=a@b commit -qm m && git log --format=%s-%an",
    "m-a",
  ],
  ["curl with TLS", "curl -V | grep -o 'https' | head -1; curl -s file:///etc/hostname", "https\nwarmboot"],
  ["openssl", "printf abc | openssl dgst -sha256 -r | cut -c1-16", "ba7816bf8f01cfea"],
  ["vim", "cd /tmp; printf 'a\\nb\\n' > v; vim -es -c '%s/a/forty-two/' -c wq v; head -1 v", "forty-two"],
  ["make", "cd $(mktemp -d); printf 'all:\\n\\t@echo $$((6*7))\\n' > Makefile; make -s", "42"],
  ["jq", `echo '{"a":[1,2,39]}' | jq '.a|add'`, "42"],
  ["apt", "apt-cache policy bash | sed -n 2p | tr -d ' ' | cut -c1-12", "Installed:5."],
  ["ps", "ps -o comm= -p 1 | wc -l | tr -d ' '", "1"],
  ["ip", "ip -o link show lo | grep -c LOOPBACK", "1"],
  ["wget", "wget --version | grep -o '+https'", "+https"],
  ["less", "printf '1\\n2\\n' | less -F | wc -l | tr -d ' '", "2"],
])("%s starts and does something", async (_name, command, expected) => {
  const result = await session.exec(command, { shell: "/bin/bash" });
  expect(result.stdout.trim(), result.stderr).toBe(expected);
});

it("nano edits a file on a terminal", async () => {
  const terminal = await session.openTerminal({ argv: ["nano", "/tmp/nano.txt"] });
  const writer = terminal.stdin.getWriter();
  const reader = terminal.stdout.getReader();
  const draining = (async () => {
    while (!(await reader.read()).done);
  })();
  await session.exec("until pgrep -x nano >/dev/null; do sleep 0.1; done; sleep 1");
  await writer.write(new TextEncoder().encode("forty-two"));
  await writer.write(new TextEncoder().encode("\x0f\r"));
  await session.exec("until grep -q . /tmp/nano.txt; do sleep 0.1; done", { timeoutMs: 60_000 });
  await writer.write(new TextEncoder().encode("\x18"));
  expect((await terminal.exit).exitCode).toBe(0);
  await draining;
  expect((await session.exec("cat /tmp/nano.txt")).stdout.trim()).toBe("forty-two");
});
