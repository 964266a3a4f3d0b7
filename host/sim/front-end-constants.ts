// What the clamp board's front end makes of amperes and volts, for the simulator. test/hardware/spice.test.ts holds these numbers
// against the circuit (hardware/spice/clamp-front-end.cir) and against the firmware's defaults (firmware/core/settings.h).

const ADC_STEPS = 1024;
/** The converter's reference is the board's own supply. */
const REFERENCE_V = 5;
const CLAMP_TURNS = 2000;
const BURDEN_OHM = 33;

/** One step of the converter, V. */
export const STEP_V = REFERENCE_V / ADC_STEPS;
/** The bias in the middle of the range: as many steps below it as above. */
export const HALF_RANGE = ADC_STEPS / 2;
/** Steps of one ampere: the clamp's turns into its burden. */
export const STEPS_PER_A = BURDEN_OHM / CLAMP_TURNS / STEP_V;
/** Steps of one volt: the adapter and its divider bring 800 mV of mains to a step, the crest of 230 V to 407 of 512. */
export const STEPS_PER_V = 1 / 0.8;
/** Where a sine's crest leaves the converter's range, rms. */
export const CLIPS_AT_A = HALF_RANGE / STEPS_PER_A / Math.SQRT2;
export const CLIPS_AT_V = HALF_RANGE / STEPS_PER_V / Math.SQRT2;
