import { EMBED_PAGES, NO_FOREIGN_FRAMES } from "./policy.ts";

const FOR_GOOD = "public, max-age=31536000, immutable";

/**
 * The `_headers` file that some static hosts read. WHY a rule for each kind of file of the image: a file of it is bytes, to be sent as they are; what its
 * name says is not a type that all hosts know. WHY the whole policy again for the page that is not to be framed: of two rules for one address some
 * hosts send both, others the last.
 */
export function headersFile(policy: string, otherImages: readonly string[] = []): string {
  const unframed = { "Content-Security-Policy": `${policy}; ${NO_FOREIGN_FRAMES}`, "X-Frame-Options": "SAMEORIGIN" };
  const rules: readonly (readonly [pattern: string, headers: Readonly<Record<string, string>>])[] = [
    [
      "/*",
      {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
      },
    ],
    ["/assets/*", { "Cache-Control": FOR_GOOD }],
    ["/images/default/*.bin", { "Cache-Control": FOR_GOOD, "Content-Type": "application/octet-stream" }],
    ["/images/default/*.json", { "Cache-Control": "no-cache" }],
    ...["/", "/index.html", "/port.html"].map((page) => [page, { "Cache-Control": "no-cache", ...unframed }] as const),
    ...EMBED_PAGES.map((page) => [page, { "Cache-Control": "no-cache" }] as const),
    ["/images/index.json", { "Cache-Control": "no-cache" }],
    ...otherImages.flatMap((name) => [
      [`/images/${name}/*.bin`, { "Cache-Control": FOR_GOOD, "Content-Type": "application/octet-stream" }] as const,
      [`/images/${name}/*.json`, { "Cache-Control": "no-cache" }] as const,
    ]),
    ["/service-worker.js", { "Cache-Control": "no-cache" }],
    ["/manifest.webmanifest", { "Cache-Control": "no-cache", "Content-Type": "application/manifest+json" }],
  ];
  return rules
    .map(([pattern, headers]) =>
      [pattern, ...Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`), ""].join("\n"),
    )
    .join("\n");
}
