/** A ball: centre (m) and radius (m). */
export interface Ball {
  readonly centre: readonly [number, number, number];
  readonly radius: number;
}

const ITERATIONS = 400;
/** Added to every radius against rounding (m). */
const SLACK_M = 1e-9;

/**
 * A ball that holds all given balls and is hardly larger than the least one that does: its centre moves towards the
 * farthest ball by ever smaller steps (Bădoiu and Clarkson, 2003); the radius is then what that centre needs.
 *
 * @param balls  x y z radius each (m), at least one
 */
export function boundingSphere(balls: ArrayLike<number>): Ball {
  let x = 0;
  let y = 0;
  let z = 0;
  const count = balls.length / 4;
  for (let i = 0; i < 4 * count; i += 4) {
    x += balls[i] / count;
    y += balls[i + 1] / count;
    z += balls[i + 2] / count;
  }
  let best: Ball = { centre: [x, y, z], radius: Infinity };
  for (let step = 1; step <= ITERATIONS; step++) {
    let reach = 0;
    let farthest = 0;
    for (let i = 0; i < 4 * count; i += 4) {
      const dx = balls[i] - x;
      const dy = balls[i + 1] - y;
      const dz = balls[i + 2] - z;
      const r = Math.sqrt(dx * dx + dy * dy + dz * dz) + balls[i + 3];
      if (r <= reach) continue;
      reach = r;
      farthest = i;
    }
    if (reach < best.radius) best = { centre: [x, y, z], radius: reach };
    // towards the far side of the farthest ball
    const dx = balls[farthest] - x;
    const dy = balls[farthest + 1] - y;
    const dz = balls[farthest + 2] - z;
    const d = Math.sqrt(dx * dx + dy * dy + dz * dz);
    if (d === 0) break;
    const move = (1 + balls[farthest + 3] / d) / (step + 1);
    x += move * dx;
    y += move * dy;
    z += move * dz;
  }
  return { centre: best.centre, radius: best.radius + SLACK_M };
}
