import { ConfigError } from "./errors.ts";

const PREFIX = "WARMBOOT_RELAY_";

interface Tree {
  [key: string]: unknown;
}

/**
 * Puts the environment over the file: `WARMBOOT_RELAY_LIMITS__SUBJECT__CONNECTIONS=8` is `limits.subject.connections`. A value that starts like
 * JSON is read as such, all else is text.
 * @throws ConfigError
 */
export function withEnvironment(config: unknown, environment: Readonly<Record<string, string | undefined>>): unknown {
  let result: unknown = structuredClone(config);
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith(PREFIX) || value === undefined) continue;
    const path = variable.slice(PREFIX.length).split("__").map(camelCase);
    if (path.some((key) => key === "" || key === "__proto__"))
      throw new ConfigError([`${variable}: not a key of the configuration`]);
    result = put(result, path, parseValue(value), variable);
  }
  return result;
}

function put(tree: unknown, path: readonly string[], value: unknown, variable: string): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (tree === undefined || tree === null) return put({}, path, value, variable);
  if (typeof tree !== "object" || Array.isArray(tree))
    throw new ConfigError([`${variable}: goes into what is not an object`]);
  const object = tree as Tree;
  return { ...object, [key]: put(Object.hasOwn(object, key) ? object[key] : undefined, rest, value, variable) };
}

const camelCase = (text: string): string =>
  text.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function parseValue(text: string): unknown {
  if (!/^(?:[[{"]|true$|false$|null$|-?\d+(?:\.\d+)?$)/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
