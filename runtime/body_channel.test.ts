import { afterEach, describe, expect, it } from 'vitest';
import { type BodyTrack, createRng } from '../contracts/index.ts';
import type { BodySink } from '../safety/index.ts';
import { BodyChannelReader, BodyChannelWriter, MOST_CHANNEL_BODIES, openBodyChannel } from './body_channel.ts';
import { type Channel, closeChannel } from './channel.ts';

const rng = createRng(5, 'bodies');
let channel: Channel | null = null;
afterEach(() => {
  if (channel !== null) closeChannel(channel);
  channel = null;
});

function track(id: number): BodyTrack {
  return {
    ...{ id, kind: id % 2 === 0 ? 'person' : 'object', radius_m: rng.uniform(), length_m: rng.uniform() },
    pose: { position: [rng.normal(), rng.normal(), rng.normal()], orientation: [0, 0.6, 0, 0.8] },
    velocity_m_per_s: [rng.normal(), 0, 1],
    position_error_m: rng.uniform(),
  };
}

/** What a gate would be told. */
class Told implements BodySink {
  readonly lists = new Map<number, { sensed_s: number; bodies: readonly BodyTrack[] }>();
  calls = 0;
  rejected = 0;
  setBodies(bodies: readonly BodyTrack[], sensed_s: number, count = bodies.length, source = 0): void {
    this.calls++;
    this.lists.set(source, { sensed_s, bodies: structuredClone(bodies.slice(0, count)) });
  }
  rejectBodies(): void {
    this.rejected++;
  }
}

function ends() {
  channel = openBodyChannel();
  return { writer: new BodyChannelWriter(channel), reader: new BodyChannelReader(channel), told: new Told() };
}

describe('the channel of tracked bodies', () => {
  it('carries what every source said last, though records come faster than they are read', () => {
    const { writer, reader, told } = ends();
    const first = [track(1), track(2), track(3)];
    const second = [track(1)];
    writer.setBodies(first, 10.5, first.length, 0);
    writer.setBodies(second, 10.25, 1, 3);
    reader.pass(told);
    reader.pass(told);
    expect(told.calls).toBe(2);
    expect(told.lists.get(0)).toEqual({ sensed_s: 10.5, bodies: first });
    expect(told.lists.get(3)).toEqual({ sensed_s: 10.25, bodies: second });
    writer.setBodies([], 10.6, 0, 0);
    reader.pass(told);
    expect(told.calls).toBe(3);
    expect(told.lists.get(0)).toEqual({ sensed_s: 10.6, bodies: [] });
  });

  it('leaves out what is older, and refuses what it cannot carry', () => {
    const { writer, reader, told } = ends();
    writer.setBodies([track(1)], 2);
    writer.setBodies([], 1);
    reader.pass(told);
    expect(told.lists.get(0)?.bodies).toHaveLength(1);
    writer.setBodies(
      Array.from({ length: MOST_CHANNEL_BODIES + 1 }, (_, id) => track(id)),
      3,
    );
    reader.pass(told);
    expect(told.rejected).toBe(1);
    writer.rejectBodies();
    reader.pass(told);
    expect(told.rejected).toBe(2);
  });
});
