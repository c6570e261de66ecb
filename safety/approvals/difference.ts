/** What becomes of a limit. `other`: neither side is known to allow less, so it counts as looser. */
export type Change = 'tighter' | 'looser' | 'other';

/** One field that differs, with both values as JSON; null for what is not there. */
export interface FieldDifference {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
  readonly change: Change;
}

export interface Difference {
  readonly fields: readonly FieldDifference[];
  /** Whether the new one allows nothing that the old one refuses; true for equal ones. */
  readonly tighter: boolean;
}

export function differenceOf(fields: readonly FieldDifference[]): Difference {
  return { fields, tighter: fields.every(({ change }) => change === 'tighter') };
}

/** Smaller allows less. */
export const smaller = (from: number, to: number): Change => (to <= from ? 'tighter' : 'looser');
/** Greater allows less. */
export const greater = (from: number, to: number): Change => (to >= from ? 'tighter' : 'looser');
/** Nothing is known of which allows less. */
export const either = (): Change => 'other';

/** Applies a rule to a number, null for no limit. */
export function limit(rule: (from: number, to: number) => Change) {
  return (from: number | null, to: number | null): Change => {
    if (to === null) return 'looser';
    return from === null ? 'tighter' : rule(from, to);
  };
}
