import { describe, expect, it } from "vitest";
import { insertionPoint, withCharset, withScript } from "./html.ts";

const SCRIPT = "<script>x</script>";
const streamOf = (...pieces: (string | Uint8Array<ArrayBuffer>)[]) =>
  new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      const piece = pieces.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
    },
  });
const textWith = async (...pieces: string[]) =>
  new Response((await withScript(streamOf(...pieces), "text/html", SCRIPT)).body).text();

describe("the script", () => {
  it.each([
    ["<!doctype html><html lang=de><head>", "<!doctype html>", "<html lang=de><head>"],
    ["  <!-- a --> <!DOCTYPE html PUBLIC '-//W3C'>\n<p>", "  <!-- a --> <!DOCTYPE html PUBLIC '-//W3C'>", "\n<p>"],
    ["<p>no type", "", "<p>no type"],
    ["plain text", "", "plain text"],
    ["", "", ""],
    ["<!-- never ended", "", "<!-- never ended"],
  ])("in %j stands before every element, and after the document type", async (html, before, after) => {
    expect(await textWith(html)).toBe(before + SCRIPT + after);
    // The same when it comes byte by byte.
    expect(await textWith(...html)).toBe(before + SCRIPT + after);
  });

  it("does not wait for more than the beginning", async () => {
    let ended = false;
    const never = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => controller.enqueue(new TextEncoder().encode("<!doctype html><h1>begun</h1>")),
      cancel: () => {
        ended = true;
      },
    });
    const { body } = await withScript(never, "text/html", SCRIPT);
    const reader = body.getReader();
    let text = "";
    while (!text.includes("begun")) text += new TextDecoder().decode((await reader.read()).value);
    expect(text).toBe(`<!doctype html>${SCRIPT}<h1>begun</h1>`);
    await reader.cancel();
    expect(ended).toBe(true);
  });

  it("is not put into what is not made of bytes like its own", () => {
    expect(insertionPoint("\xff\xfe<\0h\0", false)).toBe(-1);
    expect(insertionPoint("\xef\xbb\xbf<p>", false)).toBe(3);
  });

  it("is put somewhere in the end", () => {
    expect(insertionPoint(`<!--${"x".repeat(5000)}`, false)).toBe(0);
  });
});

it.each([
  ["text/html", '<!doctype html><meta charset="iso-8859-2">', "text/html; charset=iso-8859-2"],
  ["text/html", "<meta http-equiv=content-type content='text/html; charset=koi8-r'>", "text/html; charset=koi8-r"],
  ["text/html; charset=utf-8", "<meta charset=koi8-r>", "text/html; charset=utf-8"],
  ["text/html", "<p>", "text/html"],
])("%s with %s has the encoding that it names", (type, html, expected) => {
  expect(withCharset(type, html)).toBe(expected);
});
