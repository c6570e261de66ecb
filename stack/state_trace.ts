import { closeSync, openSync, writeSync } from 'node:fs';
import {
  InputError,
  type JointState,
  type Node,
  type NodeContext,
  type Subscription,
  stampToSeconds,
  TOPICS,
} from '../contracts/index.ts';
import type { PhysicsEngine } from '../sim/index.ts';
import type { WorldRecord } from './world_record.ts';

/** Creates the file empty, before anything else of the run is written; throws an InputError where it cannot. */
export function startTrace(file: string): void {
  closeSync(openTrace(file, 'w'));
}

function openTrace(file: string, flags: 'a' | 'w'): number {
  try {
    return openSync(file, flags);
  } catch (error) {
    throw unwritable(file, error);
  }
}

function unwritable(file: string, error: unknown): InputError {
  const reason = error instanceof Error ? error.message : error;
  return new InputError(`--trace ${file}`, `cannot be written (${reason}); name a file you may write to`, {
    cause: error,
  });
}

/**
 * Appends the state of robot and objects at every joint-state message to a file, one JSON object a line. The first line of
 * an episode also has the record of its world.
 */
export class StateTraceNode implements Node {
  readonly name = 'state_trace';
  private readonly file: string;
  private readonly world: WorldRecord;
  private readonly engine: PhysicsEngine;
  private readonly object = new Float64Array(13);
  private descriptor = -1;
  private first = true;
  private subscription: Subscription | null = null;

  constructor(file: string, world: WorldRecord, engine: PhysicsEngine) {
    this.file = file;
    this.world = world;
    this.engine = engine;
  }

  async configure({ bus }: NodeContext): Promise<void> {
    this.descriptor = openTrace(this.file, 'a');
    this.subscription = bus.subscribe(TOPICS.joint_states, this.name, (state) => this.write(state));
  }

  activate(): void {}
  deactivate(): void {}

  async cleanup(): Promise<void> {
    this.subscription?.unsubscribe();
    if (this.descriptor >= 0) closeSync(this.descriptor);
    this.descriptor = -1;
  }

  private write({ stamp_ns, position, velocity, effort }: JointState): void {
    const objects = Array.from({ length: this.engine.object_count }, (_, i) => {
      this.engine.objectState(i, this.object, 0);
      return [...this.object];
    });
    const row = {
      episode: this.world.index,
      t: stampToSeconds(stamp_ns),
      q: [...position],
      v: [...velocity],
      effort: [...effort],
      objects,
      ...(this.first ? { world: this.world } : {}),
    };
    this.first = false;
    try {
      writeSync(this.descriptor, `${JSON.stringify(row)}\n`);
    } catch (error) {
      throw unwritable(this.file, error);
    }
  }
}
