/** Pins what the package offers: names of both entries, types included, and the members of what they give. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, it } from "vitest";

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const ENTRIES = { browser: path("dist/browser/index.d.ts"), node: path("dist/node/index.d.ts") };

const program = ts.createProgram(Object.values(ENTRIES), {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts"],
  types: [],
});
const checker = program.getTypeChecker();

function exportsOf(entry: string): ts.Symbol[] {
  const file = program.getSourceFile(entry);
  const module = file && checker.getSymbolAtLocation(file);
  if (!module) throw new Error(`${entry} is not built`);
  return checker.getExportsOfModule(module);
}

/** Names of what a class offers; what is marked internal or private does not count. */
function membersOf(name: string): string[] {
  const found = exportsOf(ENTRIES.browser).find((symbol) => symbol.name === name);
  if (!found) throw new Error(`there is no ${name}`);
  const symbol = found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found;
  return checker
    .getDeclaredTypeOfSymbol(symbol)
    .getProperties()
    .filter((each) => !each.name.startsWith("#") && !each.getJsDocTags(checker).some((tag) => tag.name === "internal"))
    .map((each) => each.name.replace(/^__@(\w+?)@\d+$/, "@@$1"))
    .sort();
}

const ERRORS = `AbortedError ArtefactDamagedError ArtefactMissingError BootTimeoutError DiskBusyError EmulatorCrashedError EmulatorHungError
  FileError GuestConnectionError GuestHttpError ImageMismatchError InvalidOptionError KernelPanicError LinkBrokenError MachineDamagedError MachineFileError MachineInUseError
  MachineNotFoundError MachineOffError MachineRestartedError MachineTakenOverError NoAgentError OutOfMemoryError ProcessEndedError
  QuotaError SessionClosedError SnapshotNotFoundError SpawnError StoreError TarError TimedOutError WarmbootError WasmUnavailableError`;
const TYPES = `AttachOptions AutosaveOptions BlockedConnection BootOptions BootProgress BootStage CaptureOptions ConnectOptions ErrorCode ExecOptions ExecResult ExitStatus FetchInit FileEntry FileOptions
  FileSource FileStat FileSystemSpace FileType FileWatch FileWatchEvent ForkOptions GuestProcess GuestResponse GuestSocket ImportOptions ListOptions Lock LockRequest
  MachineFigures MachineInfo MachineSession MachineStats MachineStore MakeDirectoryOptions NetworkConnection NetworkOptions NetworkStatus Opened OwnImage PortEvent ProcessOptions
  ReadOptions ReadableOptions RebootOptions RecordChange RelayOptions RemoveOptions RestoredTerminal SaveOptions SaveResult SavedMachineInfo SavedMachines SavedStateInfo SessionEvents SessionFiles SessionNetwork SessionSnapshots
  SessionState SignalName SnapshotInfo SpawnOptions TerminalOptions TerminalSize TryRelayOptions UpgradedConnection WatchOptions WritableOptions WriteOptions`;
const names = (text: string) => text.split(/\s+/).sort();

it.each(Object.entries(ENTRIES))("the %s entry exports these names, and no others", (_name, entry) => {
  expect(
    exportsOf(entry)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(names(`KernelSession localStore memoryStore savedMachines tryRelay ${ERRORS} ${TYPES}`));
});

it("the bundle for pages offers what the browser entry does", async () => {
  const [bundle, entry] = await Promise.all([import("warmboot/embed"), import("../../dist/browser/index.js")]);
  expect(Object.keys(bundle).sort()).toEqual(Object.keys(entry).sort());
});

it("the door `wisp` leads to the frames and numbers of the protocol", async () => {
  expect(Object.keys(await import("warmboot/wisp")).sort()).toEqual(
    names(`CLOSE_REASON CONNECTION_STREAM EXTENSION FrameError HEADER_BYTES MAX_DATA_BYTES MAX_EXTENSIONS MAX_EXTENSION_BYTES MAX_FRAME_BYTES
      MAX_HOST_BYTES PACKET RESOLVER_HOST RESOLVER_PORT SOCKET_CLOSE STREAM_TYPE SUBPROTOCOL_V2 VERSION decodeFrame decodeU32 encodeClose
      encodeConnect encodeContinue encodeData encodeInfo encodeU32`),
  );
});

it("the door `terminal` leads to what joins a terminal to a process", async () => {
  expect(Object.keys(await import("warmboot/terminal")).sort()).toEqual(
    names("BOOT_WORDS PALETTES TerminalInput copySelection handlePageKeys openLine showOutput"),
  );
});

it("a session has these members", () => {
  expect(membersOf("MachineSession")).toEqual(
    names(
      `@@asyncDispose close exec export figures files fork info kernelLog network on openTerminal opened pause reboot resume save savedAt snapshots spawn state stats terminals writeConsole`,
    ),
  );
});

it("a network has these members", () => {
  expect(membersOf("SessionNetwork")).toEqual(
    names("capture connect connections fetch lanAddress on setRelay state status upgrade"),
  );
  expect(membersOf("GuestSocket")).toEqual(names("close closed readable writable"));
});

it("a process and a result have these members", () => {
  expect(membersOf("GuestProcess")).toEqual(names("detach exit kill pid resize stderr stdin stdout"));
  expect(membersOf("ExecResult")).toEqual(
    names("exitCode signal stderr stderrBytes stdout stdoutBytes timedOut truncated"),
  );
});

it("the package's doors are these, and each leads to a file", () => {
  const { exports } = JSON.parse(readFileSync(path("package.json"), "utf8")) as { exports: Record<string, unknown> };
  expect(Object.keys(exports).sort()).toEqual([
    ".",
    "./base-state",
    "./element",
    "./element/embed",
    "./embed",
    "./manifest",
    "./package.json",
    "./prestart",
    "./terminal",
    "./wire.json",
    "./wisp",
  ]);
  const files = JSON.stringify(exports).match(/\.\/[\w./-]+\.(?:js|json|d\.ts)(?=")/g) ?? [];
  expect(files.length).toBeGreaterThan(8);
  for (const file of files.filter((each) => !(each in exports))) expect(() => readFileSync(path(file))).not.toThrow();
});

it("docs/api.md is what `npm run api-docs` makes", () => {
  const out = mkdtempSync(join(tmpdir(), "warmboot-api-"));
  try {
    const typedoc = fileURLToPath(new URL("../../../node_modules/typedoc/bin/typedoc", import.meta.url));
    execFileSync(process.execPath, [typedoc, "--options", "typedoc.json", "--out", out], { cwd: path(".") });
    const made = readFileSync(join(out, "api.md"), "utf8");
    expect(made).toContain("### MachineSession");
    expect(readFileSync(path("../docs/api.md"), "utf8")).toBe(made);
  } finally {
    rmSync(out, { recursive: true });
  }
});
