import { spawn } from "node:child_process";
import { join } from "node:path";
import { compiled } from "./paths.ts";

/** Runs a compiled script of the benchmarks in a Node process of its own; gives the JSON it prints. */
export function runChild(script: string, argument: unknown): Promise<unknown> {
  const child = spawn(process.execPath, [join(compiled, script), JSON.stringify(argument)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(output));
      else reject(new Error(`${script} ended with code ${code}`));
    });
  });
}
