// A TCP connection as a line of bytes: a meter that speaks Modbus TCP, or a converter with an RS-485 bus behind it.

import { connect, type Socket } from "node:net";
import type { Refusal } from "../../ports/store.js";
import type { OpenLine, WireEars, WireLine } from "../../ports/wire-line.js";

/** A host that does not answer is given up after this; the bus tries again. */
const CONNECT_ms = 5_000;
/** A peer that went without a word is found out by the system. */
const KEEP_ALIVE_ms = 10_000;
/** So much unsent, and nobody is taking it any more. */
const MOST_UNSENT_bytes = 4_096;

export function tcpLine(host: string, port: number): OpenLine {
  return (ears) =>
    new Promise((resolve) => {
      const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_ms });
      const refuse = (reason: string, code: string) => {
        socket.destroy();
        resolve(refusalOf(`${host}:${port}`, reason, code));
      };
      const patience = setTimeout(() => refuse("it does not answer", "ETIMEDOUT"), CONNECT_ms);
      const failed = (error: NodeJS.ErrnoException) => {
        clearTimeout(patience);
        refuse(error.message, error.code ?? "");
      };
      socket.once("error", failed);
      socket.once("connect", () => {
        clearTimeout(patience);
        socket.off("error", failed);
        resolve(listening(socket, ears));
      });
    });
}

function listening(socket: Socket, ears: WireEars): WireLine {
  let open = true;
  const over = (reason: string) => {
    if (!open) return;
    open = false;
    socket.destroy();
    ears.gone(reason);
  };
  socket.on("data", (bytes: Buffer) => {
    if (open) ears.bytes(bytes);
  });
  socket.on("error", (error: Error) => over(error.message));
  socket.on("close", () => over("the connection was closed"));
  return {
    ok: true,
    write: (bytes) => {
      if (socket.writableLength > MOST_UNSENT_bytes) return over("nothing is taken any more");
      if (socket.writable) socket.write(bytes);
    },
    close: async () => {
      open = false;
      socket.destroy();
    },
  };
}

function refusalOf(where: string, reason: string, code: string): Refusal {
  if (code === "ECONNREFUSED")
    return {
      ok: false,
      code: "tcp-refused",
      reason: `nothing listens at ${where}`,
      next: "check the port (Modbus TCP is 502), and that the meter or converter has Modbus TCP switched on",
    };
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return { ok: false, code: "tcp-unknown", reason: `there is no ${where}`, next: "check the name or the address" };
  if (code === "ETIMEDOUT" || code === "EHOSTUNREACH" || code === "ENETUNREACH")
    return {
      ok: false,
      code: "tcp-silent",
      reason: `${where} does not answer`,
      next: "check its address, its power and the network",
    };
  return { ok: false, code: "tcp-failed", reason: `${where}: ${reason}`, next: "check its address and the network" };
}
