/**
 * Index of the point at which a training should have ended: the first that is `patience` points after the least loss so
 * far (Prechelt, Early Stopping, 1998); −1 while it should go on. It depends on the losses alone, so that a training that is
 * taken up again ends where it would have.
 */
export function stoppingPoint(losses: readonly number[], patience: number): number {
  let least = Number.POSITIVE_INFINITY;
  let at = 0;
  for (let k = 0; k < losses.length; k++) {
    if (losses[k] < least) {
      least = losses[k];
      at = k;
    }
    if (k - at >= patience) return k;
  }
  return -1;
}
