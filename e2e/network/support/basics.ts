import { expect } from "vitest";
import type { Guest } from "./guest.ts";

/** What every machine with a network can do: its own address, names, HTTP, HTTPS with a certificate that it checks. */
export async function expectBasics(guest: Guest): Promise<void> {
  expect(await guest.run("ip -4 -o address show dev eth0")).toContain("inet 10.0.2.15/24");
  expect(await guest.run("getent ahostsv4 site.example")).toMatch(/^198\.1[89]\./);
  expect((await guest.try("getent ahosts missing.example")).exitCode).toBe(2);
  expect(await guest.run("curl -sS http://site.example/")).toBe("http site.example\n");
  expect(await guest.run("curl -sS https://site.example/")).toBe("https site.example\n");
  expect(await guest.try("curl -sS https://untrusted.example/")).toMatchObject({ exitCode: 60, stdout: "" });
}
