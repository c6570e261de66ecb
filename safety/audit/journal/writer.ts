import { type BodyTrack, OPERATING_MODES, SAFETY_MODES } from '../../../contracts/index.ts';
import type { MeasuredState } from '../../arm_monitor.ts';
import type { CommandRequest } from '../../command_request.ts';
import type { SafetyGate } from '../../gate.ts';
import type { StopCategory } from '../../reasons.ts';
import type { OperatingMode } from '../../state_machine.ts';
import {
  BLOCK_CYCLES,
  EVENT_BYTES,
  EVENT_HEAD_BYTES,
  EVENTS,
  FLAGS,
  HEAD,
  type JournalBlock,
  type JournalEvent,
  NUMBERS,
  numbersPerCycle,
  WORDS,
  WORDS_PER_CYCLE,
} from './block.ts';
import { motionHash, restHash } from './decision.ts';

export const KINDS = ['none', 'position', 'velocity', 'torque'] as const;
export const SOURCES = ['trajectory', 'servo', 'policy'] as const;
export const REJECTIONS = ['non_finite', 'wrong_length'] as const;
/** Bytes of a body in an event. */
export const BODY_BYTES = 8 + 1 + 13 * 8;

/** Where blocks come from and go to. */
export interface BlockSink {
  /** Takes a block that has been filled, and gives the next one, empty; maybe the same. */
  take(block: JournalBlock): JournalBlock;
}

/**
 * Writes down everything a gate is told and what it decides, cycle by cycle, into blocks. Nothing here allocates but events
 * whose own methods of the gate do too (obstacles, envelope, reset).
 */
export class JournalWriter {
  private readonly sink: BlockSink;
  private readonly joints: number;
  private block: JournalBlock;
  private cycles = 0;

  constructor(joints: number, block: JournalBlock, sink: BlockSink) {
    this.joints = joints;
    this.block = block;
    this.sink = sink;
    block.clear(0);
  }

  /** Ends the block that is being filled. */
  flush(): void {
    const { block } = this;
    if (block.cycles === 0 && block.head[HEAD.event_bytes] === 0) return;
    this.block = this.sink.take(block);
    this.block.clear(this.cycles);
  }

  /** An event whose content is JSON; long ones go on over several events. Allocates. */
  json(event: JournalEvent, content: unknown): void {
    const bytes = new TextEncoder().encode(JSON.stringify(content));
    let from = 0;
    do {
      const size = Math.min(bytes.length - from, EVENT_BYTES - EVENT_HEAD_BYTES);
      const at = this.open(event, size, from + size < bytes.length);
      this.block.events.set(bytes.subarray(from, from + size), at);
      from += size;
    } while (from < bytes.length);
  }

  grant(nonce: number): void {
    const at = this.open('grant', 4, false);
    this.block.view.setInt32(at, nonce, true);
  }

  stop(category: StopCategory): void {
    this.byte('stop', category);
  }

  reject(reason: (typeof REJECTIONS)[number]): void {
    this.byte('reject', REJECTIONS.indexOf(reason));
  }

  late(): void {
    this.open('late', 0, false);
  }

  rejectBodies(): void {
    this.open('reject_bodies', 0, false);
  }

  mode(mode: OperatingMode): void {
    this.byte('mode', OPERATING_MODES.indexOf(mode));
  }

  enabled(enabled: boolean): void {
    this.byte('enabled', enabled ? 1 : 0);
  }

  policies(allowed: boolean): void {
    this.byte('policies', allowed ? 1 : 0);
  }

  pace(share: number): void {
    const at = this.open('pace', 8, false);
    this.block.view.setFloat64(at, share, true);
  }

  bodies(bodies: readonly BodyTrack[], sensed_s: number, count: number, source: number): void {
    let at = this.open('bodies', 8 + 2 + count * BODY_BYTES, false);
    const { view } = this.block;
    view.setFloat64(at, sensed_s, true);
    view.setUint8(at + 8, count);
    view.setUint8(at + 9, source);
    at += 10;
    for (let i = 0; i < count; i++, at += BODY_BYTES) this.body(bodies[i], at);
  }

  /** The operator's reset, with the arm as last measured, which it looks at. */
  acknowledge(state: MeasuredState | null): void {
    const { joints } = this;
    let at = this.open('acknowledge', 1 + (state === null ? 0 : 24 * joints), false);
    const { view } = this.block;
    view.setUint8(at++, state === null ? 0 : state.emergency_stop === true ? 3 : 1);
    if (state === null) return;
    for (let i = 0; i < joints; i++, at += 24) {
      view.setFloat64(at, state.position[i], true);
      view.setFloat64(at + 8, state.velocity[i], true);
      view.setFloat64(at + 16, state.effort[i], true);
    }
  }

  /** A cycle that the gate has just done. */
  cycle(t_s: number, request: CommandRequest, state: MeasuredState | null, gate: SafetyGate): void {
    const { block, joints } = this;
    const k = block.cycles;
    const { numbers, words } = block;
    let at = k * numbersPerCycle(joints);
    numbers[at + NUMBERS.t_s] = t_s;
    numbers[at + NUMBERS.stamp_s] = request.stamp_s;
    numbers[at + NUMBERS.gripper_width_m] = request.gripper_width_m;
    numbers[at + NUMBERS.gripper_force_N] = request.gripper_force_N;
    at += NUMBERS.values;
    const { values } = request;
    for (let i = 0; i < joints; i++) numbers[at + i] = i < values.length ? values[i] : 0;
    at += joints;
    for (let i = 0; i < joints; i++) {
      numbers[at + i] = state === null ? 0 : state.position[i];
      numbers[at + joints + i] = state === null ? 0 : state.velocity[i];
      numbers[at + 2 * joints + i] = state === null ? 0 : state.effort[i];
    }
    at = k * WORDS_PER_CYCLE;
    words[at + WORDS.motion] = motionHash(gate);
    words[at + WORDS.rest] = restHash(gate);
    words[at + WORDS.reasons] = gate.reasons;
    words[at + WORDS.latched] = gate.latchedReasons;
    words[at + WORDS.flags] =
      (KINDS.indexOf(request.kind) << FLAGS.kind) |
      (SOURCES.indexOf(request.source) << FLAGS.source) |
      (SAFETY_MODES.indexOf(gate.mode) << FLAGS.mode) |
      (state === null ? 0 : 1 << FLAGS.measured) |
      (state?.emergency_stop === true ? 1 << FLAGS.emergency : 0) |
      ((values.length < 0xffff ? values.length : 0xffff) << FLAGS.length);
    block.head[HEAD.cycles] = k + 1;
    this.cycles++;
    if (k + 1 === BLOCK_CYCLES) this.flush();
  }

  private byte(event: JournalEvent, value: number): void {
    const at = this.open(event, 1, false);
    this.block.view.setUint8(at, value);
  }

  private body(body: BodyTrack, from: number): void {
    const { view } = this.block;
    const { position, orientation } = body.pose;
    const { velocity_m_per_s } = body;
    let at = from;
    view.setFloat64(at, body.id, true);
    view.setUint8(at + 8, body.kind === 'person' ? 1 : 0);
    at += 9;
    view.setFloat64(at, body.radius_m, true);
    view.setFloat64(at + 8, body.length_m, true);
    view.setFloat64(at + 16, body.position_error_m, true);
    at += 24;
    for (let i = 0; i < 3; i++) view.setFloat64(at + 8 * i, position[i], true);
    for (let i = 0; i < 4; i++) view.setFloat64(at + 24 + 8 * i, orientation[i], true);
    for (let i = 0; i < 3; i++) view.setFloat64(at + 56 + 8 * i, velocity_m_per_s[i], true);
  }

  /** Makes room for an event's content; where in the block's events it goes. */
  private open(event: JournalEvent, bytes: number, goes_on: boolean): number {
    if (this.block.head[HEAD.event_bytes] + EVENT_HEAD_BYTES + bytes > EVENT_BYTES) this.flush();
    const { head, view } = this.block;
    const at = head[HEAD.event_bytes];
    view.setUint16(at, head[HEAD.cycles], true);
    view.setUint8(at + 2, EVENTS.indexOf(event));
    view.setUint8(at + 3, goes_on ? 1 : 0);
    view.setUint32(at + 4, bytes, true);
    head[HEAD.event_bytes] = at + EVENT_HEAD_BYTES + bytes;
    return at + EVENT_HEAD_BYTES;
  }
}
