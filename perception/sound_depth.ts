/** No camera of an arm measures beyond this, m. */
const MOST_DEPTH_M = 100;

/**
 * Depths that can be: 0 for none, or up to 100 m. What is not a number, negative, infinite or beyond counts as none; depths
 * that are all sound are given back as they are.
 *
 * @param depth_m  along the optical axis
 */
export function soundDepth(depth_m: Float32Array): Float32Array {
  let first = 0;
  while (first < depth_m.length && depth_m[first] >= 0 && depth_m[first] <= MOST_DEPTH_M) first++;
  if (first === depth_m.length) return depth_m;
  const sound = depth_m.slice();
  for (let i = first; i < sound.length; i++) if (!(sound[i] >= 0 && sound[i] <= MOST_DEPTH_M)) sound[i] = 0;
  return sound;
}
