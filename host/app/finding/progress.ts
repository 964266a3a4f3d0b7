// How far a scan is, on one line of a terminal that is written over; nothing where there is no terminal.

export interface Progress {
  readonly tell: (text: string) => void;
  readonly end: () => void;
}

const CLEAR = "\r\u001b[K";

export function progressLine(shown: boolean, what: string): Progress {
  if (!shown) return { tell: () => {}, end: () => {} };
  return {
    tell: (text) => void process.stderr.write(`${CLEAR}${what}: ${text} ...`),
    end: () => void process.stderr.write(CLEAR),
  };
}
