import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const DAYS = "30";

/** A key and its certificate, as PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** A certificate authority of the tests, made anew each time. */
export class Authority {
  readonly #directory = mkdtempSync(join(tmpdir(), "warmboot-ca-"));
  /** Its own certificate, as PEM. */
  readonly cert: string;

  constructor(name: string) {
    this.cert = this.#make("ca", name, [], ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"]).cert;
  }

  /** A server's certificate for these names. */
  issue(...names: [string, ...string[]]): Identity {
    const signer = ["-CA", join(this.#directory, "ca.crt"), "-CAkey", join(this.#directory, "ca.key")];
    return this.#make("server", names[0], signer, [
      "basicConstraints=critical,CA:FALSE",
      "keyUsage=critical,digitalSignature",
      "extendedKeyUsage=serverAuth",
      "authorityKeyIdentifier=keyid",
      `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`,
    ]);
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #make(file: string, name: string, signer: readonly string[], extensions: readonly string[]): Identity {
    const key = join(this.#directory, `${file}.key`);
    const cert = join(this.#directory, `${file}.crt`);
    const config = ["-config", "/dev/null", "-subj", `/CN=${name}`, "-days", DAYS];
    const fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", key, "-out", cert];
    const more = ["subjectKeyIdentifier=hash", ...extensions].flatMap((extension) => ["-addext", extension]);
    execFileSync("openssl", ["req", "-x509", ...config, ...fresh, ...signer, ...more], { stdio: "pipe" });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  }
}
