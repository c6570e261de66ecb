import type { HistoryCut } from './history.ts';
import { frameOf } from './rows.ts';

/** Frames between two pieces: what a server's event loop does at once. */
const AT_ONCE = 25;

/** A part of the past as JSON of `History`, in pieces that each take little time. */
export function* historyText({ rows, statuses, scenes, events, ...rest }: HistoryCut): Generator<string> {
  yield `${JSON.stringify(rest).slice(0, -1)},"frames":[`;
  yield* list(rows.at_ms.length, (k) => frameOf(rows, k));
  yield '],"statuses":[';
  yield* list(statuses.length, (k) => statuses[k]);
  yield '],"scenes":[';
  yield* list(scenes.length, (k) => scenes[k]);
  yield '],"events":[';
  yield* list(events.length, (k) => events[k]);
  yield ']}';
}

function* list(count: number, itemAt: (k: number) => unknown): Generator<string> {
  for (let k = 0; k < count; ) {
    const items: string[] = [];
    for (const end = Math.min(k + AT_ONCE, count); k < end; k++) items.push(JSON.stringify(itemAt(k)));
    yield `${items.join(',')}${k < count ? ',' : ''}`;
  }
}

/** The pieces, with the event loop let go between two of them. */
export async function* unhurried(pieces: Iterable<string>): AsyncGenerator<string> {
  for (const piece of pieces) {
    yield piece;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
