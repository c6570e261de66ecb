/**
 * Mean maximum rank violation (SIMPLER: Li et al., Evaluating Real-World Robot Manipulation Policies in Simulation, 2024,
 * eq. 1): of each policy the worst loss of success in the second world that ranking it against another by the first would
 * cost, on average over the policies. 0 for equal order.
 * @param from,to  success of each policy in the world that is judged by, and in the one that counts
 */
export function meanMaximumRankViolation(from: ArrayLike<number>, to: ArrayLike<number>): number {
  const n = from.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    let worst = 0;
    for (let j = 0; j < n; j++) {
      if (from[i] < from[j] !== to[i] < to[j]) worst = Math.max(worst, Math.abs(to[i] - to[j]));
    }
    sum += worst;
  }
  return n === 0 ? Number.NaN : sum / n;
}
