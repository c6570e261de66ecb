import { z } from 'zod';
import { InputError, type NodeParameters, updated } from '../../contracts/index.ts';
import { ParameterGroup, type PreparedValues } from './parameter_group.ts';
import { type ParameterSpec, parameterSpecs } from './parameter_specs.ts';
import { NOT_SET, type ParameterValue } from './parameter_value.ts';

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

/** What every ROS node declares besides its own. */
const STANDARD = z.object({
  use_sim_time: updated('live', z.boolean().default(false).describe("Time of /clock in place of the system's")),
});
export type StandardParameters = z.output<typeof STANDARD>;

/** Whoever runs the node; each may throw to refuse, with its message as the reason. */
export interface ParameterHost {
  /** Before parameters that are taken up at configure change. */
  mayConfigure(): void;
  /** Before parameters that are taken up at once change: the node's values as they would be. */
  mayChange(values: Readonly<Record<string, unknown>>, changed: readonly string[]): void;
  /** After every change. */
  changed(changes: readonly ParameterChange[], standard: StandardParameters): void;
}

/** The declared parameters of one node. Nothing is ever half taken: a set of changes is taken as a whole or refused. */
export class ParameterStore<S extends NodeParameters = NodeParameters> {
  private readonly own: ParameterGroup<S>;
  private readonly standard: ParameterGroup<typeof STANDARD>;
  private readonly specs: ReadonlyMap<string, ParameterSpec>;
  private host: ParameterHost | null = null;

  /** Throws an InputError for an override that is unknown or not allowed, and says where it stands. */
  constructor(schema: S, overrides: readonly ParameterOverride[] = []) {
    const own = new Map(parameterSpecs(schema).map((spec) => [spec.name, spec]));
    const standard = new Map(parameterSpecs(STANDARD).map((spec) => [spec.name, spec]));
    this.specs = new Map([...own, ...standard]);
    if (this.specs.size < own.size + standard.size) throw new Error(`a node must not declare ${[...standard.keys()]}`);
    for (const { name, where, for_all } of overrides) {
      if (for_all || this.specs.has(name)) continue;
      throw new InputError(`${where}: parameter ${name}`, `is not declared; there are ${this.names.join(', ')}`);
    }
    const known = (group: ReadonlyMap<string, unknown>) =>
      new Map(overrides.filter(({ name }) => group.has(name)).map(({ name, value }) => [name, value]));
    this.own = placed(overrides, () => new ParameterGroup(schema, known(own)));
    this.standard = placed(overrides, () => new ParameterGroup(STANDARD, known(standard)));
  }

  /** The node's own values, as its schema gives them. */
  get values(): z.output<S> {
    return this.own.values;
  }

  get standardValues(): StandardParameters {
    return this.standard.values;
  }

  get names(): readonly string[] {
    return [...this.specs.keys()];
  }

  /** Undefined where none of this name is declared. */
  get(name: string): ParameterValue | undefined {
    return this.own.get(name) ?? this.standard.get(name);
  }

  describe(name: string): ParameterSpec | undefined {
    return this.specs.get(name);
  }

  /** From now on this host is asked and told; null for none. */
  attach(host: ParameterHost | null): void {
    this.host = host;
  }

  /** Every parameter with its value. */
  all(): readonly ParameterChange[] {
    return this.names.map((name) => ({ name, value: this.get(name) ?? NOT_SET }));
  }

  /** Makes all the changes, or none: then the reason names value and limit. Empty on success. */
  set(changes: readonly ParameterChange[]): string {
    const wanted = new Map(changes.map(({ name, value }) => [name, value]));
    try {
      this.take(wanted);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    const now = [...wanted.keys()].map((name) => ({ name, value: this.get(name) ?? NOT_SET }));
    this.host?.changed(now, this.standard.values);
    return '';
  }

  private take(wanted: ReadonlyMap<string, ParameterValue>): void {
    const updates = [...wanted.keys()].map((name) => [name, this.updateOf(name)] as const);
    const standard = this.standard.prepare(part(wanted, this.standard));
    const own: PreparedValues<S> = this.own.prepare(part(wanted, this.own));
    for (const [name, update] of updates) if (update === 'configure') this.configurable(name);
    const live = updates.flatMap(([name, update]) => (update === 'live' && this.own.specs.has(name) ? name : []));
    if (live.length > 0) this.host?.mayChange(own.values, live);
    this.standard.take(standard);
    this.own.take(own);
  }

  private updateOf(name: string): ParameterSpec['update'] {
    const spec = this.specs.get(name);
    if (spec === undefined) throw new InputError(`parameter ${name}`, 'is not declared');
    if (spec.update === 'start') throw new InputError(`parameter ${name}`, 'is read-only; give it at the start');
    return spec.update;
  }

  private configurable(name: string): void {
    try {
      this.host?.mayConfigure();
    } catch (error) {
      throw new InputError(`parameter ${name}`, error instanceof Error ? error.message : String(error));
    }
  }
}

function part<S extends NodeParameters>(
  changes: ReadonlyMap<string, ParameterValue>,
  group: ParameterGroup<S>,
): ReadonlyMap<string, ParameterValue> {
  return new Map([...changes].filter(([name]) => group.specs.has(name)));
}

/** An error about a value tells where the value stands. */
function placed<T>(overrides: readonly ParameterOverride[], create: () => T): T {
  try {
    return create();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { message } = error;
    const at = overrides.findLast(({ name }) => message.startsWith(`${name} = `) || message.startsWith(`${name}[`));
    throw at === undefined ? error : InputError.restore(`${at.where}: ${message}`);
  }
}
