// One connection for all tabs of a browser: browsers allow six per server, and a war room has many tabs open.
import { LiveConnection } from "./live-connection.js";

const ports = new Set();
let connection = null;
const broadcast = (message) => {
  if (message.kind === "refused") connection = null;
  for (const port of ports) port.postMessage(message);
};

self.onconnect = ({ ports: [port] }) => {
  port.onmessage = ({ data }) => {
    if (data.kind === "bye") {
      ports.delete(port);
      return;
    }
    ports.add(port);
    if (!connection) {
      connection = new LiveConnection(data.seq, broadcast);
      return;
    }
    const missed = connection.missed(data.seq);
    if (missed) for (const event of missed) port.postMessage(event);
    else port.postMessage({ kind: "resync" });
    port.postMessage({ kind: "state", live: connection.live, since: connection.since });
  };
  port.start();
};
