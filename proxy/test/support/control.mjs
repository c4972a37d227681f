import { createServer } from "node:http";
import { logging, server as wisp } from "@mercuryworkshop/wisp-js/server";

/** wisp-js's server with the options it comes with: what the attacks do to a relay without our care. */
logging.set_level(logging.NONE);
const server = createServer((_request, response) => response.end());
server.on("upgrade", (request, socket, head) => wisp.routeRequest(request, socket, head));
server.listen(0, "127.0.0.1", () => console.log(`port ${server.address().port}`));
