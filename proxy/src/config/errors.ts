/** A configuration that the relay does not start with. Each problem names its key. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "config-invalid";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((each) => `  ${each}`).join("\n")}`);
    this.problems = problems;
  }
}
