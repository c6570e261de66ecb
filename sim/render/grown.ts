interface NumberArray {
  readonly length: number;
  set(values: ArrayLike<number>): void;
}

/** A longer copy of a typed array, with room for at least `count` numbers and as much again. */
export function grown<A extends NumberArray & ArrayLike<number>>(
  array: A,
  count: number,
  kind: new (length: number) => A,
): A {
  const longer = new kind(2 * count);
  longer.set(array);
  return longer;
}
