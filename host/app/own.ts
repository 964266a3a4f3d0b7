// Owning a house: its directory made, its lock taken, its store opened. Whoever owns it is the only writer.

import { takeLock } from "../adapters/lock.js";
import { openStore } from "../adapters/store/house-store.js";
import type { Store } from "../ports/store.js";
import { made, storePath } from "./data-dir.js";
import { refuse } from "./refusal.js";

export interface Owned {
  readonly store: Store;
  release(): void;
}

export function own(data: string): Owned {
  made(data);
  const lock = takeLock(data);
  if (!lock.ok) refuse(lock);
  const opened = openStore(storePath(data));
  if (!opened.ok) {
    lock.release();
    refuse(opened);
  }
  return {
    store: opened.store,
    release: () => {
      opened.store.close();
      lock.release();
    },
  };
}
