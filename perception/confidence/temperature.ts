/** Range within which a temperature is looked for. */
const COLDEST = 1e-2;
const HOTTEST = 1e3;
const HALVINGS = 40;

/**
 * The temperature T under which softmax(logits / T) has the greatest likelihood (Guo, Pleiss, Sun, Weinberger, On
 * Calibration of Modern Neural Networks, ICML 2017). The negative log likelihood is convex in 1/T: its derivative is
 * bisected.
 * @param logits  one row a sample; −Infinity is no class at all
 * @param labels  index of the true class of every row
 */
export function fitTemperature(logits: readonly ArrayLike<number>[], labels: readonly number[]): number {
  let [low, high] = [1 / HOTTEST, 1 / COLDEST];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = Math.sqrt(low * high);
    if (slope(logits, labels, middle) < 0) low = middle;
    else high = middle;
  }
  return 1 / Math.sqrt(low * high);
}

/** Softmax of logits divided by a temperature. The order of the classes stays as it was. */
export function softmax(logits: ArrayLike<number>, temperature = 1): Float64Array {
  const p = new Float64Array(logits.length);
  let most = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < p.length; k++) most = Math.max(most, logits[k]);
  let sum = 0;
  for (let k = 0; k < p.length; k++) {
    p[k] = Math.exp((logits[k] - most) / temperature);
    sum += p[k];
  }
  for (let k = 0; k < p.length; k++) p[k] /= sum;
  return p;
}

/** Mean negative log likelihood of labels, nats. */
export function crossEntropy(
  logits: readonly ArrayLike<number>[],
  labels: readonly number[],
  temperature: number,
): number {
  let sum = 0;
  logits.forEach((row, i) => {
    sum -= Math.log(Math.max(Number.MIN_VALUE, softmax(row, temperature)[labels[i]]));
  });
  return sum / Math.max(1, logits.length);
}

/** Derivative of the negative log likelihood by b = 1/T: Σ (E_p[logit] − logit of the true class). */
function slope(logits: readonly ArrayLike<number>[], labels: readonly number[], b: number): number {
  let sum = 0;
  logits.forEach((row, i) => {
    const p = softmax(row, 1 / b);
    for (let k = 0; k < p.length; k++) if (p[k] > 0) sum += p[k] * row[k];
    sum -= row[labels[i]];
  });
  return sum;
}
