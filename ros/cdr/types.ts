import type { parse } from '@foxglove/rosmsg';
import { InputError } from '../../contracts/index.ts';

export type MessageDefinition = ReturnType<typeof parse>[number];
export type FieldDefinition = MessageDefinition['definitions'][number];

/** Bytes and alignment of the primitive types of fixed size. */
export const SIZES = {
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float32: 4,
  float64: 8,
} as const;
export type FixedType = keyof typeof SIZES;
export const isFixed = (type: string): type is FixedType => Object.hasOwn(SIZES, type);

/** Types that the parser of definitions takes for primitive: a signed and an unsigned 32-bit number. */
export const isTime = (type: string): boolean => type === 'time' || type === 'duration';

/** Fields of the data, without constants. */
export const dataFields = ({ definitions }: MessageDefinition): readonly FieldDefinition[] =>
  definitions.filter((field) => field.isConstant !== true);

/** Types within types; what is deeper is no message of a robot, and would not fit the stack. */
const MOST_DEPTH = 64;

/** Compiles the first of a definition's types, those within it before it; a type that contains itself is an InputError. */
export function compile<T>(
  types: readonly MessageDefinition[],
  build: (type: MessageDefinition, inner: (name: string) => T) => T,
): T {
  const known = new Map(types.map((type) => [type.name ?? '', type]));
  const built = new Map<MessageDefinition, T>();
  const open = new Set<MessageDefinition>();
  const visit = (type: MessageDefinition): T => {
    const done = built.get(type);
    if (done !== undefined) return done;
    const shown = type.name ?? 'the message';
    if (open.has(type)) throw new InputError(`type ${shown}`, 'must not contain itself');
    if (open.size >= MOST_DEPTH) throw new InputError(`type ${shown}`, `may lie at most ${MOST_DEPTH} types deep`);
    open.add(type);
    const result = build(type, (name) => {
      const inner = known.get(name);
      if (inner === undefined) throw new InputError(`type ${name} in ${shown}`, 'is not defined');
      return visit(inner);
    });
    built.set(type, result);
    return result;
  };
  const root = types[0];
  if (root === undefined) throw new InputError('a definition without types', 'must have at least one');
  return visit(root);
}
