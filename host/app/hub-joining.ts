// The meter's end of the hub link, from the words of a configuration.

import { tcpHubLink } from "../adapters/hub-link/tcp.js";
import type { Clock } from "../ports/clock.js";
import type { HubLink } from "../ports/hub-link.js";
import { installCodeOf } from "../wire/hub/install-code.js";
import type { House } from "./config/house.js";
import { usedWrongly } from "./refusal.js";

/** `name`: what the hub knows the meter by (`Store.name`). */
export function meterHubLink(hub: NonNullable<House["hub"]>, name: string, clock: Clock): HubLink {
  const installCode = installCodeOf(hub.installCode);
  if (installCode === null)
    return usedWrongly(
      "the install code is mistyped: its check digits do not fit",
      "copy it from what `esme hub` printed",
    );
  return tcpHubLink({ host: hub.host, port: hub.port, name, installCode, clock });
}
