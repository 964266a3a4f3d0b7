// The meter's end of the hub link, from the words of a configuration.

import { tcpHubLink } from "../adapters/hub-link/tcp.js";
import type { Clock } from "../ports/clock.js";
import type { HubLink } from "../ports/hub-link.js";
import { installCodeOf } from "../wire/hub/install-code.js";
import type { House } from "./config.js";
import { usedWrongly } from "./refusal.js";

/** What a hub knows the meter by until it has an EUI-64 of its own. */
const METER_NAME = "esme";

export function meterHubLink(hub: NonNullable<House["hub"]>, clock: Clock): HubLink {
  const installCode = installCodeOf(hub.installCode);
  if (installCode === null)
    return usedWrongly(
      "the install code is mistyped: its check digits do not fit",
      "copy it from what `esme hub` printed",
    );
  return tcpHubLink({ host: hub.host, port: hub.port, name: METER_NAME, installCode, clock });
}
