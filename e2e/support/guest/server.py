"""Servers in the guest for the tests of its ports; what they answer is computed here. Arguments: port, name."""
import base64, hashlib, http.server, os, socketserver, struct, sys, threading, time

PORT, NAME = int(sys.argv[1]), sys.argv[2]
GO = f"/tmp/go-{PORT}"

HOME = f"""<!doctype html><html lang=en><meta charset=utf-8><title>Home of {NAME}</title>
<h1>Home of {NAME}</h1><img id=pic alt=dot src="http://localhost:{PORT}/dot.svg">
<a id=abs href="http://127.0.0.1:{PORT}/second?n={6 * 7}">second</a> <a id=out href="https://example.com/">out</a>
<a id=hop href="/hop">hop</a> <a id=slow href="/slow">slow</a>
<form method=post action="/add"><label>one <input name=a value=40></label> <label>two <input name=b value=2></label>
<button>add</button></form><p id=said></p><script>document.getElementById("said").textContent = "mode " + document.compatMode</script>"""
HOSTILE = open("/tmp/hostile.html").read() if os.path.exists("/tmp/hostile.html") else ""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def give(self, body, kind="text/html", status=200, **headers):
        data = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            for one in value if isinstance(value, list) else [value]:
                self.send_header(name.replace("_", "-"), one)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/sum":
            return self.give(hashlib.sha256(body).hexdigest(), "text/plain")
        fields = dict(pair.split("=") for pair in body.decode().split("&"))
        origin = self.headers.get("Origin")
        self.give(f"<!doctype html><title>Sum</title><h1>{int(fields['a']) + int(fields['b'])}</h1><p>{origin}</p>")

    def do_GET(self):
        path = self.path.split("?")[0]
        if self.headers.get("Upgrade"):
            return self.websocket()
        if path == "/":
            return self.give(HOME, X_Frame_Options="DENY", Content_Security_Policy="frame-ancestors 'none'")
        if path == "/second":
            return self.give(f"<!doctype html><title>Second</title><h1>{self.path}</h1><p>{self.headers['Host']} {self.headers.get('Referer')}</p>")
        if path == "/dot.svg":
            return self.give('<svg xmlns="http://www.w3.org/2000/svg" width="21" height="9"/>', "image/svg+xml")
        if path == "/hop":
            return self.give("", status=302, Location=f"http://localhost:{PORT}/cookies", Set_Cookie=["seen=1; Path=/", "secret=x; HttpOnly"])
        if path == "/cookies":
            return self.give(f"<!doctype html><title>Cookies</title><h1>{self.headers.get('Cookie')}</h1>")
        if path == "/slow":
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.chunk(b"<!doctype html><title>Slow</title><h1>begun</h1>")
            while not os.path.exists(GO):
                time.sleep(0.05)
            self.chunk(b"<h2>ended</h2>")
            return self.chunk(b"")
        if path == "/big":
            self.send_response(200)
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Content-Length", str(24 << 20))
            self.end_headers()
            for at in range(24 * 16):
                self.wfile.write(bytes([at & 255]) * 65536)
            return
        if path == "/hostile":
            return self.give(HOSTILE)
        self.give("nothing here", status=404)

    def websocket(self):
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.end_headers()
        self.close_connection = True
        while True:
            first, second = self.rfile.read(2)
            size = second & 127
            if size == 126:
                (size,) = struct.unpack(">H", self.rfile.read(2))
            elif size == 127:
                (size,) = struct.unpack(">Q", self.rfile.read(8))
            mask = self.rfile.read(4)
            data = bytes(byte ^ mask[at & 3] for at, byte in enumerate(self.rfile.read(size)))
            if first & 15 == 8:
                self.wfile.write(b"\x88" + bytes([len(data)]) + data)
                return
            data = data[::-1] if first & 15 == 2 else data.upper()
            head = bytes([len(data)]) if len(data) < 126 else b"\x7e" + struct.pack(">H", len(data))
            self.wfile.write(bytes([first]) + head + data)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


Server(("0.0.0.0", PORT), Handler).serve_forever()
