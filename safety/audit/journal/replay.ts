import { z } from 'zod';
import { InputError, OPERATING_MODES, SAFETY_MODES } from '../../../contracts/index.ts';
import { type Robot, withTool } from '../../../robots/index.ts';
import { type CommandRequest, createCommandRequest } from '../../command_request.ts';
import { envelopeSchema } from '../../envelope.ts';
import { SafetyGate } from '../../gate.ts';
import { obstacleSchema } from '../../obstacle.ts';
import { reasonNames } from '../../reasons.ts';
import type { SafetyMode } from '../../state_machine.ts';
import {
  FLAGS,
  type JournalBlock,
  type JournalEvent,
  NUMBERS,
  numbersPerCycle,
  WORDS,
  WORDS_PER_CYCLE,
} from './block.ts';
import { unpackBlock } from './codec.ts';
import { motionHash, restHash } from './decision.ts';
import { beginsAnew, bodiesOf, type EventRecord, eventsOf, measuredOf } from './read_events.ts';
import { KINDS, REJECTIONS, SOURCES } from './writer.ts';

/** A cycle in which the gate decided otherwise when it was replayed. */
export interface ReplayDifference {
  readonly cycle: number;
  readonly t_s: number;
  /** In words: what was recorded, and what came now. */
  readonly what: string;
}

export interface ReplayResult {
  readonly robot: string;
  readonly hz: number;
  /** Gates that the journal is of: one more whenever the controller was started again. */
  readonly gates: number;
  /** Of all of them. */
  readonly cycles: number;
  readonly events: number;
  /** The first cycle that differs, and how many do; null for the same decisions to the byte. */
  readonly difference: ReplayDifference | null;
  readonly differing: number;
  /** Why not all of the journal was replayed; empty where it was. */
  readonly ended: string;
}

/** A cycle as the journal has it. */
export interface JournalledCycle {
  readonly cycle: number;
  readonly t_s: number;
  readonly mode: SafetyMode;
  /** Bit masks, see REASONS. */
  readonly reasons: number;
  readonly latched: number;
  readonly source: (typeof SOURCES)[number] | 'none';
}

const jointValues = z.array(z.number());
const triple = z.tuple([z.number(), z.number(), z.number()]);
const toolChange = z.object({
  T_tool_tcp: z.object({ position: triple, orientation: z.tuple([...triple.def.items, z.number()]) }),
  payload: z
    .object({ mass_kg: z.number(), com_m: triple.exactOptional(), inertia: z.array(z.number()).exactOptional() })
    .nullable(),
});
const begin = z.object({
  robot: z.string(),
  hz: z.number().positive(),
  lease_salt: z.number(),
  envelope: envelopeSchema,
  tool: toolChange.optional(),
});
const start = z.object({ position: jointValues, gripper_width_m: z.number(), velocity: jointValues.nullable() });
const obstacles = z.object({ obstacles: z.array(obstacleSchema), t_s: z.number() });

const INTERRUPTED = 'blocks of the journal are missing';

/**
 * Runs a journal through a gate again: whatever the gate was told, in the same order and to the bit, and compares what it
 * decides with what is written down of what it decided.
 */
export class JournalReplay {
  /** Told every cycle of the journal after it was replayed. */
  onCycle: (cycle: JournalledCycle) => void = () => {};
  private readonly robotOf: (name: string) => Robot;
  private gate: SafetyGate | null = null;
  private request: CommandRequest = createCommandRequest(0);
  private robot = '';
  private hz = 0;
  private next = 0;
  private gates = 0;
  private cycles = 0;
  private events = 0;
  private difference: ReplayDifference | null = null;
  private differing = 0;
  private ended = '';
  /** Blocks are missing: nothing is replayed until the journal of another gate begins. */
  private skips = false;
  private text: number[] = [];

  /** @param robotOf  gives the robot of a name that a journal begins with */
  constructor(robotOf: (name: string) => Robot) {
    this.robotOf = robotOf;
  }

  get result(): ReplayResult {
    const { robot, hz, gates, cycles, events, difference, differing, ended } = this;
    return { robot, hz, gates, cycles, events, difference, differing, ended };
  }

  /** The next block of the journal, in order. Throws InputError for one that cannot be read. */
  feed(packed: Uint8Array): void {
    const block = unpackBlock(packed);
    if (block.first[0] === 0 && (this.next > 0 || this.skips) && beginsAnew(block)) {
      this.next = 0;
      this.skips = false;
      this.text = [];
    }
    if (this.skips) return;
    if (block.first[0] !== this.next) {
      this.skips = true;
      if (this.ended !== '') return;
      this.ended = this.next === 0 ? 'the journal does not begin with the first cycle of the gate' : INTERRUPTED;
      if (block.lost > 0) this.ended += `: the gate's thread had no room for ${block.lost}`;
      return;
    }
    const events = eventsOf(block);
    let due = events.next();
    for (let k = 0; k <= block.cycles; k++) {
      for (; !due.done && due.value.cycle === k; due = events.next()) this.tell(due.value, block);
      if (k < block.cycles) this.cycle(block, k);
    }
    if (!due.done)
      throw new InputError(`event of cycle ${due.value.cycle} in the gate's journal`, 'comes after its block');
  }

  private tell({ event, goes_on, content }: EventRecord, { joints }: JournalBlock): void {
    this.events++;
    const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
    if (event === 'begin') {
      if (this.whole(content, goes_on)) this.begin(joints);
      return;
    }
    const gate = this.require();
    switch (event) {
      case 'reset':
        if (!this.whole(content, goes_on)) return;
        this.reset(gate);
        return;
      case 'obstacles':
        if (!this.whole(content, goes_on)) return;
        this.setObstacles(gate);
        return;
      case 'envelope':
        if (!this.whole(content, goes_on)) return;
        gate.setEnvelope(this.json(envelopeSchema, event));
        return;
      case 'grant':
        gate.grant(view.getInt32(0, true));
        return;
      case 'stop':
        gate.requestStop(CATEGORIES[view.getUint8(0)]);
        return;
      case 'reject':
        gate.rejectCommand(REJECTIONS[view.getUint8(0)]);
        return;
      case 'late':
        gate.reportLate();
        return;
      case 'mode':
        gate.selectMode(OPERATING_MODES[view.getUint8(0)]);
        return;
      case 'enabled':
        gate.setEnabled(view.getUint8(0) === 1);
        return;
      case 'policies':
        gate.setPolicies(view.getUint8(0) === 1);
        return;
      case 'pace':
        gate.setPace(view.getFloat64(0, true));
        return;
      case 'reject_bodies':
        gate.rejectBodies();
        return;
      case 'bodies':
        gate.setBodies(bodiesOf(view), view.getFloat64(0, true), view.getUint8(8), view.getUint8(9));
        return;
      case 'acknowledge':
        gate.observe(measuredOf(view, joints));
        gate.acknowledge();
        return;
      default:
        event satisfies never;
    }
  }

  private begin(joints: number): void {
    const { robot, hz, lease_salt, envelope, tool } = this.json(begin, 'begin');
    if (envelope.joints.length !== joints)
      throw new InputError(`journal of ${joints} joints`, 'does not fit its envelope');
    this.robot = robot;
    this.hz = hz;
    const bare = this.robotOf(robot);
    this.gate = new SafetyGate(envelope, tool === undefined ? bare : withTool(bare, tool), hz, lease_salt);
    this.gates++;
    this.request = createCommandRequest(joints);
  }

  private reset(gate: SafetyGate): void {
    const { position, gripper_width_m, velocity } = this.json(start, 'reset');
    gate.reset(Float64Array.from(position), gripper_width_m, velocity === null ? null : Float64Array.from(velocity));
  }

  private setObstacles(gate: SafetyGate): void {
    const told = this.json(obstacles, 'obstacles');
    gate.setObstacles(told.obstacles, told.t_s);
  }

  private cycle(block: JournalBlock, k: number): void {
    const gate = this.require();
    const { joints, numbers, words } = block;
    const at = k * numbersPerCycle(joints);
    const w = k * WORDS_PER_CYCLE;
    const flags = words[w + WORDS.flags];
    const { request } = this;
    const values = at + NUMBERS.values;
    const length = flags >>> FLAGS.length;
    request.kind = KINDS[(flags >>> FLAGS.kind) & 3];
    request.source = SOURCES[(flags >>> FLAGS.source) & 3];
    request.values = length === joints ? numbers.slice(values, values + joints) : new Float64Array(length);
    request.stamp_s = numbers[at + NUMBERS.stamp_s];
    request.sequence++;
    request.gripper_width_m = numbers[at + NUMBERS.gripper_width_m];
    request.gripper_force_N = numbers[at + NUMBERS.gripper_force_N];
    const measured = values + joints;
    const row = (index: number) => numbers.slice(measured + index * joints, measured + (index + 1) * joints);
    const emergency_stop = ((flags >>> FLAGS.emergency) & 1) === 1;
    const is_measured = ((flags >>> FLAGS.measured) & 1) === 1;
    gate.observe(is_measured ? { position: row(0), velocity: row(1), effort: row(2), emergency_stop } : null);
    const t_s = numbers[at + NUMBERS.t_s];
    gate.step(t_s, request);
    const recorded: JournalledCycle = {
      cycle: this.next,
      t_s,
      mode: SAFETY_MODES[(flags >>> FLAGS.mode) & 15],
      reasons: words[w + WORDS.reasons],
      latched: words[w + WORDS.latched],
      source: request.kind === 'none' ? 'none' : request.source,
    };
    const what = differences(recorded, words[w + WORDS.motion], words[w + WORDS.rest], gate);
    if (what !== '') {
      const where = this.gates > 1 ? `gate ${this.gates}: ` : '';
      this.difference ??= { cycle: this.next, t_s, what: `${where}${what}` };
      this.differing++;
    }
    this.next++;
    this.cycles++;
    this.onCycle(recorded);
  }

  /** Collects the parts of a long event; true with the last. */
  private whole(content: Uint8Array, goes_on: boolean): boolean {
    for (const byte of content) this.text.push(byte);
    return !goes_on;
  }

  private json<T>(schema: z.ZodType<T>, event: JournalEvent): T {
    const bytes = Uint8Array.from(this.text);
    this.text = [];
    const { data, error } = schema.safeParse(parsed(bytes, event));
    if (error === undefined) return data;
    const { path, message } = error.issues[0];
    throw new InputError(`${event} in the gate's journal: ${path.join('.')}`, message);
  }

  private require(): SafetyGate {
    if (this.gate === null) throw new InputError("the gate's journal", 'must begin with what the gate was made of');
    return this.gate;
  }
}

function parsed(bytes: Uint8Array, event: JournalEvent): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new InputError(`${event} in the gate's journal`, 'must be JSON', { cause: error });
  }
}

const CATEGORIES = [0, 1, 2] as const;

function differences(recorded: JournalledCycle, motion: number, rest: number, gate: SafetyGate): string {
  const now = { mode: gate.mode, reasons: gate.reasons >>> 0, latched: gate.latchedReasons >>> 0 };
  const found: string[] = [];
  const names = (bits: number) => reasonNames(bits).join(', ') || 'none';
  if (now.mode !== recorded.mode) found.push(`mode ${recorded.mode}, now ${now.mode}`);
  if (now.reasons !== recorded.reasons) found.push(`reasons ${names(recorded.reasons)}, now ${names(now.reasons)}`);
  if (now.latched !== recorded.latched) found.push(`latched ${names(recorded.latched)}, now ${names(now.latched)}`);
  if (motionHash(gate) >>> 0 !== motion)
    found.push(`another motion, now to ${[...gate.lastCommand.position].join(' ')} rad`);
  if (restHash(gate) >>> 0 !== rest) found.push('another stop, gripper, pace or lease');
  return found.join('; ');
}
