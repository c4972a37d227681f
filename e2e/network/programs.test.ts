/** The programs that people use a network with. */
import { expect, it } from "vitest";
import { expectBasics } from "./support/basics.ts";
import { setUp } from "./support/set-up.ts";

const at = setUp();

it("the first command finds an address, a route and a resolver", async () => {
  const found = await at.guest.run("ip -4 -o address show dev eth0; ip route; cat /etc/resolv.conf");
  expect(found).toMatch(/inet 10\.0\.2\.15\/24.*default via 10\.0\.2\.2 dev eth0.*nameserver 10\.0\.2\.2\n/s);
});

it("ping reaches the gateway", async () => {
  expect(await at.guest.run("ping -c1 -W 60 10.0.2.2")).toContain("1 packets transmitted, 1 received");
});

it("an authority that is not installed is not trusted, one that is installed is", async () => {
  expect(await at.guest.try("curl -sS https://site.example/")).toMatchObject({ exitCode: 60, stdout: "" });
  await at.guest.trust(at.lab.authority);
  await expectBasics(at.guest);
});

it("curl checks who signed the certificate, and for which name", async () => {
  expect((await at.guest.try("curl -sS https://untrusted.example/")).stderr).toContain("unable to get local issuer");
  expect((await at.guest.try("curl -sS https://misnamed.example/")).stderr).toContain(
    "no alternative certificate subject",
  );
});

it("wget, by HTTP and HTTPS", async () => {
  expect(await at.guest.run("wget -qO- http://site.example/ https://site.example/")).toBe(
    "http site.example\nhttps site.example\n",
  );
  // 5: the certificate could not be verified.
  expect(await at.guest.try("wget -qO- https://untrusted.example/")).toMatchObject({ exitCode: 5, stdout: "" });
});

it("Python's ssl", async () => {
  const program = `
import socket, ssl, urllib.request
print(urllib.request.urlopen("https://site.example/").read())
context = ssl.create_default_context()
def speak(name):
    with context.wrap_socket(socket.create_connection((name, 443)), server_hostname=name) as connection:
        print(connection.version(), dict(x[0] for x in connection.getpeercert()["subject"])["commonName"])
speak("site.example")
for name in "untrusted.example", "misnamed.example":
    try: speak(name)
    except ssl.SSLCertVerificationError as error: print(error.verify_code)`;
  // X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY and X509_V_ERR_HOSTNAME_MISMATCH.
  expect(await at.guest.python(program)).toBe("b'https site.example\\n'\nTLSv1.3 site.example\n20\n62\n");
});

it("git clones by HTTPS", async () => {
  await at.guest.run("git clone --quiet https://site.example/git/project.git /root/project");
  expect(await at.guest.run("git -C /root/project rev-parse HEAD")).toBe(`${at.lab.commit}\n`);
  expect(await at.guest.run("git -C /root/project fsck --full 2>&1; git -C /root/project status --short")).toBe("");
  expect(await at.guest.run("tail -1 /root/project/file-49; ls /root/project | wc -l")).toBe("49\n50\n");
});

it("apt updates its lists and installs a package by HTTPS", async () => {
  await at.guest.run("rm /etc/apt/sources.list.d/*");
  await at.guest.machine.write("/etc/apt/sources.list", "deb [trusted=yes] https://site.example/debian ./\n");
  expect((await at.guest.try("warmboot-greeting")).exitCode).toBe(127);
  await at.guest.run("apt update && apt install -y warmboot-greeting");
  expect(await at.guest.run("warmboot-greeting")).toBe("installed by apt\n");
});
