/** Whether this is `npm run test:long`, in which sweeps are whole. */
export const LONG = process.env.SUREPICK_LONG === '1';

/** How many cases a sweep has: a few in the short tests, all in the long ones. */
export function sweep(short: number, long: number): number {
  return LONG ? long : short;
}

/** Whether what is tested carries mutants (`npm run mutation -- --sample`): measures of its memory and time mean nothing. */
export const INSTRUMENTED = process.env.SUREPICK_INSTRUMENTED === '1';
