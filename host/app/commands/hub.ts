// `esme hub`: a communications hub of its own. Its install code is made once, kept for its owner only, and printed at each start.

import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { takeLock } from "../../adapters/lock.js";
import { openHubStore } from "../../adapters/store/hub-store.js";
import { type Hub, startHub } from "../../hub/hub.js";
import { rfc3339 } from "../../ledger/units.js";
import { installCodeOf, installCodeText } from "../../wire/hub/install-code.js";
import { systemClock } from "../clocks.js";
import { made } from "../data-dir.js";
import { refuse } from "../refusal.js";
import { until } from "../until.js";

interface Options {
  readonly data: string;
  readonly host: string;
  readonly listen: number;
  readonly for?: number;
  readonly json?: boolean;
}

export interface RunningHub {
  readonly hub: Hub;
  readonly installCode: string;
  stop(): Promise<void>;
}

export async function hub(options: Options): Promise<void> {
  const say = (event: Readonly<Record<string, unknown>>, text: string) =>
    process.stdout.write(options.json === true ? `${JSON.stringify(event)}\n` : `${text}\n`);
  const running = await openHub(options.data, options.host, options.listen, (what, text) =>
    say({ schema: "esme/hub-news/1", at: rfc3339(Date.now()), ...what }, `${rfc3339(Date.now())} ${text}`),
  );
  // Before anybody is told, so that whoever then says stop is heard.
  const over = until(options.for ?? null);
  const { port } = running.hub;
  const joining = `esme run --hub ${options.host}:${port} --install-code "${running.installCode}"`;
  say(
    { schema: "esme/hub/1", host: options.host, port, install_code: running.installCode },
    `the hub listens at ${options.host}:${port}\ninstall code ${running.installCode}\n  join it: ${joining}`,
  );
  await over;
  await running.stop();
}

/** A hub on its own store, owned by this process. */
export async function openHub(
  data: string,
  host: string,
  port: number,
  tell: (what: Readonly<Record<string, unknown>>, text: string) => void,
): Promise<RunningHub> {
  made(data);
  const lock = takeLock(data);
  if (!lock.ok) refuse(lock);
  const opened = openHubStore(join(data, "hub.sqlite"), `hub-${randomBytes(4).toString("hex")}`);
  if (!opened.ok) {
    lock.release();
    refuse(opened);
  }
  const code = installCode(data);
  const started = await startHub({
    store: opened.store,
    clock: systemClock,
    installCode: code,
    host,
    port,
    tell: (news) => {
      const { kind, ...rest } = news;
      if (kind === "took")
        tell(
          { kind, meter: news.meter, messages: news.messages.length },
          `${news.meter}: ${news.messages.length} messages`,
        );
      else tell({ kind, ...rest }, kind === "refused" ? `refused: ${news.code}` : `${news.meter} ${kind}`);
    },
  });
  if (!started.ok) {
    opened.store.close();
    lock.release();
    refuse(started);
  }
  return {
    hub: started.hub,
    installCode: installCodeText(code),
    stop: async () => {
      await started.hub.stop();
      opened.store.close();
      lock.release();
    },
  };
}

function installCode(data: string): Uint8Array {
  const path = join(data, "install-code");
  if (!existsSync(path)) {
    const code = randomBytes(16);
    writeFileSync(path, `${installCodeText(code)}\n`, { mode: 0o600 });
    return code;
  }
  const code = installCodeOf(readFileSync(path, "utf8").trim());
  if (code !== null) return code;
  const next = "delete it to make a new code; each meter then joins anew";
  return refuse({ code: "install-code-damaged", reason: `${path} holds no install code`, next });
}
