// A source that sits the other way round: what it calls import is export here. Said in esme.yaml, never guessed.

import type { Booked, ChannelCounters, Power, Source, SourceEvent } from "../ports/source.js";

export function reversed(source: Source): Source {
  return {
    start: (tell, booked = []) => source.start((event) => tell(turned(event)), booked.map(turnedBooked)),
    stop: () => source.stop(),
    remember: (from) => source.remember(from),
    setUtc: (utc, board, rate_ppb) => source.setUtc(utc, board, rate_ppb),
  };
}

function turned(event: SourceEvent): SourceEvent {
  switch (event.kind) {
    case "report":
      return { ...event, counters: swapped(event.counters), base: event.base && swapped(event.base) };
    case "remembered":
      return { ...event, counters: swapped(event.counters) };
    case "power":
      return { ...event, power: negated(event.power) };
    default:
      return event;
  }
}

function turnedBooked(booked: Booked): Booked {
  return { ...booked, counters: swapped(booked.counters) };
}

function swapped(counters: ChannelCounters): ChannelCounters {
  return {
    import_mwh: counters.export_mwh,
    export_mwh: counters.import_mwh,
    import_mvarh: counters.export_mvarh,
    export_mvarh: counters.import_mvarh,
  };
}

function negated(power: Power): Power {
  const other = (value: number | null) => (value === null ? null : 0 - value);
  return {
    ...power,
    channels: power.channels.map((channel) => ({
      ...channel,
      active_mw: other(channel.active_mw),
      reactive_mvar: other(channel.reactive_mvar),
    })),
  };
}
