// The real lines where they fail: why they do not open, as values; gone when the other side goes; never a throw.

import { createServer, type Server, type Socket } from "node:net";
import { expect, test } from "vitest";
import { serialLine } from "../../host/adapters/modbus/serial-line.js";
import { tcpLine } from "../../host/adapters/modbus/tcp-line.js";

const quiet = { bytes: () => {}, gone: () => {} };

function listening(connected: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  return new Promise((resolve) => {
    const server = createServer(connected).listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve({ server, port: typeof address === "object" && address !== null ? address.port : 0 });
    });
  });
}

test("a TCP line carries bytes both ways, says once that it is gone, and takes no more after that", async () => {
  const { server, port } = await listening((socket) => {
    socket.on("data", (bytes) => (bytes[0] === 9 ? socket.destroy() : socket.write(bytes)));
    socket.on("error", () => {});
  });
  const heard: number[] = [];
  let tellGone: (reason: string) => void = () => {};
  const gone = new Promise<string>((resolve) => {
    tellGone = resolve;
  });
  let arrived: () => void = () => {};
  const echo = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const line = await tcpLine(
    "127.0.0.1",
    port,
  )({
    bytes: (bytes) => {
      heard.push(...bytes);
      arrived();
    },
    gone: tellGone,
  });
  if (!line.ok) throw new Error(line.reason);
  line.write(Uint8Array.of(1, 2, 3));
  await echo;
  expect(heard).toEqual([1, 2, 3]);
  line.write(Uint8Array.of(9));
  expect(await gone).toBe("the connection was closed");
  line.write(Uint8Array.of(4));
  await line.close();
  server.close();
});

test("why a TCP line does not open is a value with the next step", async () => {
  // At port 1 nobody listens; one that was just given free may be another program's by now.
  expect(await tcpLine("127.0.0.1", 1)(quiet)).toMatchObject({
    ok: false,
    code: "tcp-refused",
    next: expect.stringContaining("502"),
  });
  // What can be no host's name is not asked of the network.
  expect(await tcpLine("no such host", 502)(quiet)).toMatchObject({ ok: false, code: "tcp-unknown" });
});

test("a serial port that is not there is a value with the next step", async () => {
  const open = serialLine({ path: "/dev/no-such-port", baud: 9_600, parity: "even", stopBits: 1 });
  expect(await open(quiet)).toMatchObject({
    ok: false,
    code: "port-missing",
    next: expect.stringContaining("adapter"),
  });
});
