import { type BodyTrack, InputError } from '../../../contracts/index.ts';
import { EVENT_HEAD_BYTES, EVENTS, HEAD, type JournalBlock, type JournalEvent } from './block.ts';
import { BODY_BYTES } from './writer.ts';

/** What a gate was told between two cycles. */
export interface EventRecord {
  readonly cycle: number;
  readonly event: JournalEvent;
  readonly goes_on: boolean;
  readonly content: Uint8Array;
}

/** Whether another gate's journal begins here. */
export function beginsAnew({ head, view }: JournalBlock): boolean {
  return head[HEAD.event_bytes] > EVENT_HEAD_BYTES && EVENTS[view.getUint8(2)] === 'begin';
}

/** Events of a block in order. Throws InputError for one that cannot be read. */
export function* eventsOf({ head, view, events }: JournalBlock): Generator<EventRecord, void> {
  const end = head[HEAD.event_bytes];
  for (let at = 0; at < end; ) {
    const bytes = at + EVENT_HEAD_BYTES <= end ? view.getUint32(at + 4, true) : end;
    const event = EVENTS[view.getUint8(at + 2)];
    const from = at + EVENT_HEAD_BYTES;
    if (event === undefined || from + bytes > end)
      throw new InputError("event in the gate's journal", 'cannot be read');
    const content = events.slice(from, from + bytes);
    yield { cycle: view.getUint16(at, true), event, goes_on: view.getUint8(at + 3) === 1, content };
    at = from + bytes;
  }
}

/** Bodies that an event of that name holds. */
export function bodiesOf(view: DataView): BodyTrack[] {
  return Array.from({ length: view.getUint8(8) }, (_, k) => {
    const at = 10 + k * BODY_BYTES;
    const number = (index: number) => view.getFloat64(at + 9 + 8 * index, true);
    return {
      id: view.getFloat64(at, true),
      kind: view.getUint8(at + 8) === 1 ? 'person' : 'object',
      radius_m: number(0),
      length_m: number(1),
      position_error_m: number(2),
      pose: {
        position: [number(3), number(4), number(5)],
        orientation: [number(6), number(7), number(8), number(9)],
      },
      velocity_m_per_s: [number(10), number(11), number(12)],
    };
  });
}

/** The arm as it was measured when a reset was acknowledged; null where it was not. */
export function measuredOf(view: DataView, joints: number) {
  const bits = view.getUint8(0);
  if (bits === 0) return null;
  const row = (index: number) =>
    Float64Array.from({ length: joints }, (_, i) => view.getFloat64(1 + 24 * i + 8 * index, true));
  return { position: row(0), velocity: row(1), effort: row(2), emergency_stop: (bits & 2) !== 0 };
}
