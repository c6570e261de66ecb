import type { z } from 'zod';
import { InputError, type NodeParameters } from '../../contracts/index.ts';
import { ParameterGroup } from './parameter_group.ts';
import { type ParameterSpec, parameterSpecs } from './parameter_specs.ts';
import type { ParameterValue } from './parameter_value.ts';

export interface ParameterChange {
  readonly name: string;
  readonly value: ParameterValue;
}

/** A value from a file or the command line. */
export interface ParameterOverride extends ParameterChange {
  /** For errors, e.g. `robot.yaml:4:7`. */
  readonly where: string;
  /** Meant for several nodes: not every one declares it. */
  readonly for_all: boolean;
}

export interface ParameterStoreOptions<S extends NodeParameters> {
  readonly overrides?: readonly ParameterOverride[];
  /** Why parameters that are taken up at configure cannot change now; empty where they can. */
  readonly configured?: () => string;
  /** New values of parameters that are taken up at once. What it throws refuses them, with its message as the reason. */
  readonly onLive?: (values: z.output<S>, changed: readonly string[]) => void;
  /** After every change that was made. */
  readonly onChanged?: (changes: readonly ParameterChange[]) => void;
}

/** The declared parameters of one node. Nothing is ever half taken: a set of changes is taken as a whole or refused. */
export class ParameterStore<S extends NodeParameters> {
  private readonly group: ParameterGroup<S>;
  private readonly options: ParameterStoreOptions<S>;

  /** Throws an InputError for an override that is unknown or not allowed, and says where it stands. */
  constructor(schema: S, options: ParameterStoreOptions<S> = {}) {
    this.options = options;
    const overrides = options.overrides ?? [];
    const declared = parameterSpecs(schema).map(({ name }) => name);
    const known = new Map<string, ParameterValue>();
    for (const { name, value, where, for_all } of overrides) {
      if (declared.includes(name)) known.set(name, value);
      else if (!for_all) {
        throw new InputError(`${where}: parameter ${name}`, `is not declared; there are ${declared.join(', ')}`);
      }
    }
    this.group = placed(overrides, () => new ParameterGroup(schema, known));
  }

  /** All values, as the schema gives them. */
  get values(): z.output<S> {
    return this.group.values;
  }

  get names(): readonly string[] {
    return [...this.group.specs.keys()];
  }

  get(name: string): ParameterValue | undefined {
    return this.group.get(name);
  }

  describe(name: string): ParameterSpec | undefined {
    return this.group.specs.get(name);
  }

  /** Makes all the changes, or none: then the reason names value and limit. Empty on success. */
  set(changes: readonly ParameterChange[]): string {
    try {
      const wanted = new Map(changes.map(({ name, value }) => [name, value]));
      const prepared = this.group.prepare(wanted);
      const live: string[] = [];
      for (const name of wanted.keys()) if (this.updateOf(name) === 'live') live.push(name);
      if (live.length > 0) this.options.onLive?.(prepared.values, live);
      this.group.take(prepared);
      this.options.onChanged?.(
        [...wanted.keys()].map((name) => ({ name, value: this.group.get(name) as ParameterValue })),
      );
      return '';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  private updateOf(name: string): ParameterSpec['update'] {
    const update = this.group.specs.get(name)?.update ?? 'live';
    if (update === 'start') throw new InputError(`parameter ${name}`, 'is read-only; give it at the start');
    const refusal = update === 'configure' ? (this.options.configured?.() ?? '') : '';
    if (refusal !== '') throw new InputError(`parameter ${name}`, refusal);
    return update;
  }
}

/** An error about a value tells where the value stands. */
function placed<T>(overrides: readonly ParameterOverride[], create: () => T): T {
  try {
    return create();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const at = overrides.findLast(
      ({ name }) => error.message.startsWith(`${name} = `) || error.message.startsWith(`${name}[`),
    );
    throw at === undefined ? error : InputError.restore(`${at.where}: ${error.message}`);
  }
}
