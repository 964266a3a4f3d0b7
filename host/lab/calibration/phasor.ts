// Complex numbers, as power has them: W along, var across.

export interface Phasor {
  readonly re: number;
  readonly im: number;
}

const ZERO: Phasor = { re: 0, im: 0 };

export function plus(a: Phasor, b: Phasor): Phasor {
  return { re: a.re + b.re, im: a.im + b.im };
}

export function minus(a: Phasor, b: Phasor): Phasor {
  return { re: a.re - b.re, im: a.im - b.im };
}

export function times(a: Phasor, factor: number): Phasor {
  return { re: a.re * factor, im: a.im * factor };
}

export function over(a: Phasor, b: Phasor): Phasor {
  const square = b.re * b.re + b.im * b.im;
  return { re: (a.re * b.re + a.im * b.im) / square, im: (a.im * b.re - a.re * b.im) / square };
}

/** Turned forward by so many degrees. */
export function turned(a: Phasor, by_deg: number): Phasor {
  const [sin, cos] = [Math.sin((by_deg * Math.PI) / 180), Math.cos((by_deg * Math.PI) / 180)];
  return { re: a.re * cos - a.im * sin, im: a.im * cos + a.re * sin };
}

export function size(a: Phasor): number {
  return Math.hypot(a.re, a.im);
}

/** -180..180. */
export function angle_deg(a: Phasor): number {
  return (Math.atan2(a.im, a.re) * 180) / Math.PI;
}

export function meanOf(all: readonly Phasor[]): Phasor {
  return times(all.reduce(plus, ZERO), 1 / all.length);
}
