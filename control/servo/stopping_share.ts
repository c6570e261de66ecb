/**
 * Share (0..1) of a wanted speed at which all that is approached can still be stopped for: the greatest s with
 * s·t + s²/(2 r) ≤ T. All motion is slowed together, so that its direction stays.
 *
 * @param time_left_s  T, time at the whole speed until the first of it would be met; Infinity if nothing is
 * @param slowing_per_s  r, how fast the share of the speed can fall (1/s)
 * @param reaction_s  t, time until it begins to fall
 */
export function stoppingShare(time_left_s: number, slowing_per_s: number, reaction_s: number): number {
  if (!(time_left_s > 0)) return 0;
  const share = slowing_per_s * (Math.sqrt(reaction_s * reaction_s + (2 * time_left_s) / slowing_per_s) - reaction_s);
  return share < 1 ? share : 1;
}

/** Time until `room` is used up at `rate` (per s); Infinity where it is not, 0 where there is none left. */
export function timeLeft(room: number, rate: number): number {
  if (!(rate > 0)) return Number.POSITIVE_INFINITY;
  return room > 0 ? room / rate : 0;
}
