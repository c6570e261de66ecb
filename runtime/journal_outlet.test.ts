import { expect, it } from 'vitest';
import { type GateJournal, InProcessBus, SILENT_LOG, SimClock, TOPICS } from '../contracts/index.ts';
import { unpackBlock } from '../safety/index.ts';
import { JournalOutlet } from './journal_outlet.ts';
import { createJournalMemory, JournalRingReader, JournalRingWriter } from './journal_ring.ts';

function outlet(most_kept?: number) {
  const memory = createJournalMemory(1);
  const writer = new JournalRingWriter(memory, 1);
  const bus = new InProcessBus({ validate: true });
  const said: string[] = [];
  const log = { ...SILENT_LOG, warn: (_: object, text: string) => said.push(text), info: SILENT_LOG.info };
  const context = { bus, clock: new SimClock(), log };
  const of = new JournalOutlet(new JournalRingReader(memory, 1), context, most_kept);
  let block = writer.first;
  let next = 0;
  const hand = (blocks: number) => {
    for (let k = 0; k < blocks; k++) {
      block.clear(next++);
      block = writer.take(block);
    }
  };
  const heard: GateJournal[] = [];
  const listen = () => bus.subscribe(TOPICS.gate_journal, 'test', (message) => void heard.push(message));
  return { of, hand, listen, heard, bus, said };
}

it('keeps the journal from its first block on until somebody listens', async () => {
  const { of, hand, listen, heard, bus } = outlet();
  for (let k = 0; k < 5; k++) {
    hand(20);
    of.poll();
  }
  listen();
  hand(20);
  for (let polls = 0; polls < 60; polls++) {
    of.poll();
    await bus.settled();
    expect(heard.length).toBeLessThanOrEqual(2 * (polls + 1));
  }
  expect(heard.map(({ first_cycle }) => first_cycle)).toEqual(Array.from({ length: 120 }, (_, k) => k));
  expect(heard.map(({ data }) => unpackBlock(data).first[0])).toEqual(heard.map(({ first_cycle }) => first_cycle));
});

it('gives the journal up where nobody ever listens, and then tells nothing of it', async () => {
  const { of, hand, listen, heard, bus } = outlet(30);
  hand(31);
  of.poll();
  listen();
  hand(20);
  of.poll();
  await bus.settled();
  expect(heard).toEqual([]);
});

it('says once that blocks were lost', () => {
  const { of, hand, said } = outlet();
  hand(100);
  of.poll();
  of.poll();
  expect(said).toEqual([expect.stringContaining('are lost')]);
});
