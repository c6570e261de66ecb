import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compiledProgram } from '../test/support/programs.ts';
import { type Channel, closeChannel, openChannel } from './channel.ts';
import { HEARTBEAT_VALUES, HeartbeatReader, HeartbeatWriter } from './heartbeat.ts';

let channel: Channel;
beforeEach(() => {
  channel = openChannel(HEARTBEAT_VALUES);
});
afterEach(() => closeChannel(channel));

describe('a heartbeat', () => {
  it('tells a thread that stands still from a main thread that does', () => {
    const reader = new HeartbeatReader(channel);
    const writer = new HeartbeatWriter(channel);
    reader.step(1);
    expect(reader).toMatchObject({ started: false, silent_s: 1, busy_s: 1 });
    writer.beat(1, true);
    reader.step(0.01);
    expect(reader).toMatchObject({ started: true, ended: false, silent_s: 0, busy_s: 0 });
    for (let i = 0; i < 5; i++) {
      writer.beat(1, true);
      reader.step(0.125);
    }
    expect(reader).toMatchObject({ silent_s: 0, busy_s: 0.625 });
    reader.step(0.25);
    expect(reader).toMatchObject({ silent_s: 0.25, busy_s: 0.875 });
    writer.beat(2, false);
    reader.step(0.5);
    expect(reader).toMatchObject({ silent_s: 0, busy_s: 0, ended: true, restarts: 0 });
  });

  it('tells one process from the next, and what is left of a dead one from a live one', () => {
    new HeartbeatWriter(channel).beat(7, true);
    const reader = new HeartbeatReader(channel);
    reader.step(0.01);
    reader.step(0.5);
    expect(reader).toMatchObject({ started: true, silent_s: 0.5, restarts: 0 });
    new HeartbeatWriter(channel).beat(7, true);
    reader.step(0.5);
    expect(reader).toMatchObject({ silent_s: 0, busy_s: 0, restarts: 1 });
  });

  it('goes on in its thread while the main thread is busy, and says when it ends', async () => {
    const program = await compiledProgram('graph_process');
    const url = pathToFileURL(join(dirname(program), '..', '..', 'runtime', 'heartbeat.js')).href;
    const { Heartbeat }: typeof import('./heartbeat.ts') = await import(url);
    const heartbeat = new Heartbeat(channel);
    const reader = new HeartbeatReader(channel);
    const until = async (condition: () => boolean) => {
      for (const end = performance.now() + 5000; !condition() && performance.now() < end; await sleep(5))
        reader.step(0);
      expect(condition()).toBe(true);
    };
    await until(() => reader.started);
    const busy_until = performance.now() + 200;
    reader.busy_s = 0;
    let beats = 0;
    while (performance.now() < busy_until) {
      reader.step(1);
      if (reader.silent_s === 0) beats++;
    }
    expect(beats).toBeGreaterThan(2);
    expect(reader.busy_s).toBeGreaterThan(reader.silent_s);
    await heartbeat.close();
    reader.step(0);
    expect(reader.ended).toBe(true);
  });
});
