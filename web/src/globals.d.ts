/** A file's text, by Vite. */
declare module "*?raw" {
  const text: string;
  export default text;
}

/** What who built the site calls it. */
declare const WARMBOOT_VERSION: string;
