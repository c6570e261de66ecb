import { z } from 'zod';
import type { Rng } from '../../contracts/index.ts';

const TEXTS = ['', 'panda_joint1', 'overview/12', 'Größe 40 µm – 箱 🤖', ' spaced\tout\n'];

type Draw = (rng: Rng, values: ContractValues) => unknown;

/** Draws values of schemas; `special` gives those of schemas whose fields depend on each other. */
export class ContractValues {
  private readonly rng: Rng;
  private readonly special: ReadonlyMap<unknown, Draw>;

  constructor(rng: Rng, special: ReadonlyMap<unknown, Draw>) {
    this.rng = rng;
    this.special = special;
  }

  /** A value that `schema` accepts. */
  draw<T>(schema: z.ZodType<T>): T {
    const value = schema.safeParse(this.any(schema));
    if (!value.success) throw new Error(`drawn value is refused: ${value.error.message}`);
    return value.data;
  }

  private any(schema: unknown): unknown {
    const { rng } = this;
    const special = this.special.get(schema);
    if (special !== undefined) return special(rng, this);
    if (schema instanceof z.ZodReadonly) return this.any(schema.unwrap());
    if (schema instanceof z.ZodOptional) return rng.int(2) === 0 ? undefined : this.any(schema.unwrap());
    if (schema instanceof z.ZodNullable) return rng.int(2) === 0 ? null : this.any(schema.unwrap());
    if (schema instanceof z.ZodObject) {
      const entries = Object.entries(schema.shape).map(([key, inner]) => [key, this.any(inner)] as const);
      return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
    }
    if (schema instanceof z.ZodArray) return this.array(schema);
    if (schema instanceof z.ZodTuple) return schema.def.items.map((inner) => this.any(inner));
    if (schema instanceof z.ZodRecord) {
      return Object.fromEntries(
        Array.from({ length: 1 + rng.int(3) }, (_, i) => [`joint_${i}`, this.any(schema.valueType)]),
      );
    }
    if (schema instanceof z.ZodUnion) return this.any(schema.options[rng.int(schema.options.length)]);
    if (schema instanceof z.ZodEnum) return schema.options[rng.int(schema.options.length)];
    if (schema instanceof z.ZodLiteral) return [...schema.values][0];
    if (schema instanceof z.ZodBoolean) return rng.int(2) === 1;
    if (schema instanceof z.ZodString) return this.text(schema);
    if (schema instanceof z.ZodBigInt) return BigInt(rng.int(2 ** 30)) * 1_000_000_007n + 1n;
    if (schema instanceof z.ZodNaN) return Number.NaN;
    if (schema instanceof z.ZodNumber) return this.number(schema);
    const floats = Float64Array.from({ length: rng.int(4) }, () => rng.normal());
    if (schema instanceof z.ZodType && schema.safeParse(floats).success) return floats;
    const bytes = Uint8Array.from({ length: rng.int(40) }, () => rng.int(256));
    if (schema instanceof z.ZodType && schema.safeParse(bytes).success) return bytes;
    throw new Error(`no values are known of ${schema instanceof z.ZodType ? schema.def.type : String(schema)}`);
  }

  private text(schema: z.ZodString): string {
    const { rng } = this;
    const fitting = TEXTS.filter((text) => schema.safeParse(text).success);
    if (fitting.length > 0) return fitting[rng.int(fitting.length)];
    return Array.from({ length: 64 }, () => rng.int(16).toString(16)).join('');
  }

  private array(schema: z.ZodArray): unknown[] {
    for (const length of [this.rng.int(4), 5, 9, 16, 36]) {
      const values = Array.from({ length }, () => this.any(schema.element));
      if (schema.safeParse(values).success) return values;
    }
    throw new Error('no length of an array is accepted');
  }

  /** Integers below 100 or any number, as the schema has it. */
  private number(schema: z.ZodNumber): number {
    const { rng } = this;
    const candidates = [
      rng.normal() * 100,
      Math.abs(rng.normal()),
      rng.uniform(),
      rng.int(100),
      1 + rng.int(3),
      rng.int(3),
    ];
    const fitting = candidates.filter((value) => schema.safeParse(value).success);
    if (fitting.length === 0) throw new Error('no number is accepted');
    return fitting[rng.int(fitting.length)];
  }
}
