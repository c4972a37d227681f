import { InvalidOptionError } from "../errors/index.ts";

/** @throws InvalidOptionError */
export function checkMachineName(name: unknown, option: string): asserts name is string {
  if (typeof name !== "string" || !/^\P{C}{1,100}$/u.test(name))
    throw new InvalidOptionError(option, "must be 1 to 100 characters, without control characters");
}
