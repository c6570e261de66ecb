/**
 * Numbers of the parts that a long test is to run, of `count`: all, or those that SUREPICK_PARTS names, as `0-9`. So
 * processes share the work, and a run that was broken off goes on where it was.
 */
export function partsAsked(count: number): readonly number[] {
  const [first, last] = (process.env.SUREPICK_PARTS ?? `0-${count - 1}`).split('-').map(Number);
  if (!(first >= 0 && last >= first && last < count)) {
    throw new Error(`SUREPICK_PARTS ${process.env.SUREPICK_PARTS}: must be FIRST-LAST within 0-${count - 1}`);
  }
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
