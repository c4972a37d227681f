/**
/**
 * `node assemble.js --site FOLDER --image FOLDER --out FOLDER --also FOLDER --former SITE`: makes the whole site as one folder of static files: the built
 * page, the prepared image beside it and those of `--also`, those of the site as it was, and `_headers` for hosts that read it.
 */
import { cpSync, existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { carryImages, listImages } from "./former-images.ts";
import { headersFile } from "./headers-file.ts";
import { DEFAULT_IMAGE_PATH } from "./images.ts";
import { IMAGE_LIST, IMAGES_PATH, imageList, type OtherImages, otherImages } from "./other-images.ts";
import { contentSecurityPolicy, relayRules } from "./policy.ts";
import { portRules } from "./port-rules.ts";

/** What the strictest of the usual hosts takes. */
const MOST_FILE_BYTES = 24 * 1024 * 1024;
const MOST_FILES = 20_000;

const path = (relativePath: string) => fileURLToPath(new URL(relativePath, import.meta.url));
const { values } = parseArgs({
  options: {
    site: { type: "string", default: path("../site") },
    image: { type: "string", default: path("../../../image/.cache/default") },
    also: { type: "string", multiple: true, default: [] },
    out: { type: "string", default: path("../hosting") },
    former: { type: "string", default: process.env["WARMBOOT_FORMER"] ?? "" },
  },
});

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

function named(folders: readonly string[]): OtherImages {
  try {
    return otherImages(folders);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

/** The rest says whether it has to be prepared again. */
const isOfImage = (source: string) => statSync(source).isDirectory() || /\.(json|bin)$/.test(source);

if (!existsSync(join(values.site, "index.html"))) fail(`There is no built page in ${values.site}.`);
if (!existsSync(join(values.image, "image.json"))) fail(`There is no prepared image in ${values.image}.`);

const others = named(values.also);
if (resolve(values.former || ".") === resolve(values.out)) fail(`The former site in ${values.out} would be replaced.`);

rmSync(values.out, { recursive: true, force: true });
cpSync(values.site, values.out, { recursive: true });
// WHY not within the site: they are for other origins, and must not run at the site's.
const portsOut = `${values.out}-ports`;
rmSync(portsOut, { recursive: true, force: true });
renameSync(join(values.out, "ports"), portsOut);
cpSync(values.image, join(values.out, DEFAULT_IMAGE_PATH), {
  recursive: true,
  filter: isOfImage,
});
for (const [name, folder] of Object.entries(others))
  cpSync(folder, join(values.out, IMAGES_PATH, name), { recursive: true, filter: isOfImage });
writeFileSync(join(values.out, IMAGES_PATH, IMAGE_LIST), imageList(others));
if (values.former !== "") {
  const count = await carryImages(values.former, values.out).catch((error: Error) =>
    fail(`The images of the former site, ${values.former}, cannot be carried over: ${error.message}`),
  );
  console.log(`Images of the former site that machines may have been made from: ${count}.`);
}
listImages(values.out);
const policy = contentSecurityPolicy(relayRules(), portRules().origin);
writeFileSync(join(values.out, "_headers"), headersFile(policy, Object.keys(others)));

const files = readdirSync(values.out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const sizes = files.map((file) => ({
  name: relative(values.out, join(file.parentPath, file.name)),
  bytes: statSync(join(file.parentPath, file.name)).size,
}));
const tooLarge = sizes.filter(({ bytes }) => bytes > MOST_FILE_BYTES);
if (tooLarge.length > 0) fail(`Too large for some hosts: ${tooLarge.map(({ name }) => name).join(", ")}.`);
if (sizes.length > MOST_FILES) fail(`${sizes.length} files are too many for some hosts.`);
const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
console.log(
  `The site is in ${values.out}: ${sizes.length} files, ${(total / 1e6).toFixed(1)} MB. What the origins of ports need is in ${portsOut}.`,
);
