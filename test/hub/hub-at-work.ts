// A real hub with one meter, in the machine's own time, that a test can have ask the meter something.

import { join } from "node:path";
import { tcpHubLink } from "../../host/adapters/hub-link/tcp.js";
import { openHubStore } from "../../host/adapters/store/hub-store.js";
import { systemClock } from "../../host/app/clocks.js";
import { type Hub, startHub } from "../../host/hub/hub.js";
import type { HubLink, HubMessage } from "../../host/ports/hub-link.js";
import { installCodeText } from "../../host/wire/hub/install-code.js";
import { freshDir, when } from "../proof/crash-bench.js";

export class HubAtWork {
  static readonly #code = new Uint8Array(16).fill(7);
  readonly installCode = installCodeText(HubAtWork.#code);
  readonly #took: HubMessage[] = [];
  #hub: Hub | null = null;
  #close = () => {};

  static async start(): Promise<HubAtWork> {
    const one = new HubAtWork();
    const kept = openHubStore(join(freshDir("hub"), "hub.sqlite"), "hub-1");
    if (!kept.ok) throw new Error(kept.reason);
    one.#close = () => kept.store.close();
    const started = await startHub({
      store: kept.store,
      clock: systemClock,
      installCode: HubAtWork.#code,
      tell: (news) => void (news.kind === "took" && one.#took.push(...news.messages)),
    });
    if (!started.ok) throw new Error(started.reason);
    one.#hub = started.hub;
    return one;
  }

  get port(): number {
    return this.#hub?.port ?? 0;
  }

  linkFor(name: string): HubLink {
    const { port } = this;
    return tcpHubLink({ host: "127.0.0.1", port, name, installCode: HubAtWork.#code, clock: systemClock });
  }

  /** The only meter that has joined. */
  meter(): Promise<string> {
    return when("a meter at the hub", () => this.#hub?.meters[0] ?? null);
  }

  /** Sends the meter a command. */
  async send(command: Uint8Array): Promise<void> {
    const sent = this.#hub?.send(await this.meter(), "request", command);
    if (sent?.ok === false) throw new Error(sent.reason);
  }

  /** What the meter answers. */
  async ask(command: Uint8Array): Promise<Uint8Array> {
    const before = this.answers.length;
    await this.send(command);
    return when("an answer", () => this.answers[before] ?? null);
  }

  get answers(): readonly Uint8Array[] {
    return this.#took.filter(({ kind }) => kind === "answer").map(({ body }) => body);
  }

  async stop(): Promise<void> {
    await this.#hub?.stop();
    this.#close();
  }
}
