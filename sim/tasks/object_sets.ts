import type { Colour, ObjectClass, Shape } from '../../contracts/index.ts';

/** Which objects a draw may use: every one, or one of two sets that have no kind of object in common. */
export const OBJECT_SETS = ['all', 'train', 'test'] as const;
export type ObjectSet = (typeof OBJECT_SETS)[number];

/** Sizes that fall in one cell of this length count as one kind, m. */
export const SIZE_CELL_M = 0.01;
/** One kind of object in this many is in the test set. */
const TEST_SHARE = 5;
/** Another number splits all kinds anew; it is fixed, so that what was trained once is never tested on. */
const SPLIT_SEED = 1;

/** What has to be equal for two objects to count as the same kind: class, size cell and colour. */
export interface ObjectKind {
  readonly class: ObjectClass;
  readonly colour: Colour;
  readonly shape: Shape;
}

/**
 * Name of an object's kind, `box/3.4.4/red`: lengths in cells of SIZE_CELL_M. A box's two horizontal edges are sorted, as
 * a quarter of a turn makes one of the other.
 */
export function kindName({ class: name, colour, shape }: ObjectKind): string {
  return `${name}/${cells(shape).join('.')}/${colour}`;
}

/** The set that holds a kind; all objects of a kind are in the same one. */
export function objectSetOf(kind: ObjectKind): Exclude<ObjectSet, 'all'> {
  return hash(`${SPLIT_SEED}|${kindName(kind)}`) % TEST_SHARE === 0 ? 'test' : 'train';
}

export function inObjectSet(kind: ObjectKind, set: ObjectSet): boolean {
  return set === 'all' || objectSetOf(kind) === set;
}

function cells(shape: Shape): number[] {
  // A millionth of a millimetre, so that 0.03 is in the cell that starts there whatever its last bit.
  const cell = (length_m: number): number => Math.floor((length_m + 1e-9) / SIZE_CELL_M);
  switch (shape.type) {
    case 'box': {
      const [x, y, z] = shape.size;
      return [cell(Math.min(x, y)), cell(Math.max(x, y)), cell(z)];
    }
    case 'cylinder':
      return [cell(2 * shape.radius), cell(shape.length)];
    case 'sphere':
      return [cell(2 * shape.radius)];
  }
}

/** FNV-1a with the finaliser of MurmurHash3, so that names that differ in one letter spread over all remainders. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
