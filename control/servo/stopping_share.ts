/**
 * Share (0..1) of a wanted speed at which something can still be brought to rest in time: the greatest s with
 * s·t + s²/(2 r) ≤ d / D. All motion is slowed together, so that its direction stays.
 *
 * @param room  d, what is left until it must be at rest (m, rad or any unit); nothing is left below 0
 * @param rate  D, how fast that is used up at the whole speed (per s); what is not used up does not slow
 * @param slowing_per_s  r, how fast the share of the speed can fall (1/s)
 * @param reaction_s  t, time until it begins to fall
 */
export function stoppingShare(room: number, rate: number, slowing_per_s: number, reaction_s: number): number {
  if (!(rate > 0)) return 1;
  if (!(room > 0)) return 0;
  const share = slowing_per_s * (Math.sqrt(reaction_s * reaction_s + (2 * room) / (rate * slowing_per_s)) - reaction_s);
  return share < 1 ? share : 1;
}
