import { InputError } from '../../contracts/index.ts';
import { CONTACT_WIDTH, type ContactList } from './contact_list.ts';
import { floats, type MainModule, type MjData, type MjModel } from './module.ts';

/** First number of every saved state; another layout gets another. */
const FORMAT = 30_002;
const HEADER = 6;

/** Saves MuJoCo's integration state, warm start included, with what the engine keeps beside it. */
export class StateCodec {
  private readonly mj: MainModule;
  private readonly model: MjModel;
  private readonly data: MjData;
  private readonly spec: number;
  private readonly size: number;
  private readonly buffer: InstanceType<MainModule['DoubleBuffer']>;
  private readonly nq: number;
  private readonly objects: number;

  constructor(mj: MainModule, model: MjModel, data: MjData, nq: number, objects: number) {
    this.mj = mj;
    this.model = model;
    this.data = data;
    this.spec = mj.mjtState.mjSTATE_INTEGRATION.value;
    this.size = mj.mj_stateSize(model, this.spec);
    this.buffer = new mj.DoubleBuffer(this.size);
    this.nq = nq;
    this.objects = objects;
  }

  save(steps: number, arrays: readonly Float64Array[], contacts: ContactList): Float64Array {
    const { mj, model, data, buffer, spec, size, nq, objects } = this;
    mj.mj_getState(model, data, buffer, spec);
    const used = contacts.count * CONTACT_WIDTH;
    const out = new Float64Array(HEADER + total(arrays) + size + used);
    out.set([FORMAT, nq, objects, size, contacts.count, steps]);
    let at = HEADER;
    for (const part of [...arrays, floats(buffer.GetView()), contacts.values.subarray(0, used)]) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  /** Brings a saved state back; returns the steps taken. Throws InputError for the state of other models. */
  load(state: Float64Array, arrays: readonly Float64Array[], contacts: ContactList): number {
    const { size } = this;
    this.check(state, total(arrays));
    const [, , , , count, steps] = state;
    let at = HEADER;
    for (const array of arrays) {
      array.set(state.subarray(at, at + array.length));
      at += array.length;
    }
    this.mj.mj_setState(this.model, this.data, Array.from(state.subarray(at, at + size)), this.spec);
    contacts.load(state.subarray(at + size), count);
    return steps;
  }

  dispose(): void {
    this.buffer.delete();
  }

  private check(state: Float64Array, arrays: number): void {
    const names = ['format', 'joint coordinates', 'objects', 'numbers of MuJoCo'];
    [FORMAT, this.nq, this.objects, this.size].forEach((expected, i) => {
      if (state[i] !== expected) {
        const allowed = `only a state of an engine built from the same models can be loaded: ${expected}`;
        throw new InputError(`saved physics state: ${names[i]} ${state[i]}`, allowed);
      }
    });
    const length = HEADER + arrays + this.size + state[4] * CONTACT_WIDTH;
    if (state.length !== length) {
      throw new InputError(
        `saved physics state of ${state.length} numbers`,
        `must have ${length}; it was cut or changed`,
      );
    }
  }
}

function total(arrays: readonly Float64Array[]): number {
  return arrays.reduce((sum, { length }) => sum + length, 0);
}
