import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CAMERAS, SILENT_LOG, TOPICS } from '../../contracts/index.ts';
import { WRITE_FAILURE } from '../../safety/index.ts';
import {
  LIVE_COLOUR as COLOUR,
  oneJoint,
  liveRecorded as recorded,
  liveRecorder as rig,
} from '../../test/support/live_recorder.ts';
import { readAll, withFolder } from '../../test/support/recording.ts';

describe('a recording in a live graph', () => {
  it('holds nobody up while its disk stalls: pictures go first, then diagnostics, and all are counted', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'a.mcap');
      const { recorder, disk, bus, logged, published, state, picture, latency } = await rig(file, {
        ...{ queue: 200, chunk_bytes: 1000 },
      });
      state();
      await sleep(5);
      disk.hold();
      for (let k = 0; k < 150; k++) {
        state();
        if (k % 3 === 0) picture();
        if (k % 5 === 0) latency();
        expect(bus.active).toBe(false);
        if (k % 10 === 0) await sleep(1);
      }
      const { waiting_messages, left_out_messages, [WRITE_FAILURE]: failure } = recorder.diagnostics();
      expect([Number(waiting_messages), failure]).toEqual([expect.any(Number), '']);
      expect(Number(waiting_messages)).toBeLessThanOrEqual(200);
      for (let k = 0; k < 150; k++) {
        state();
        if (k % 5 === 0) latency();
      }
      await expect.poll(() => logged.join(' '), { timeout: 5000 }).toMatch(/messages left out, in all .*compressed \d/);
      expect(Number(recorder.diagnostics().left_out_messages)).toBeGreaterThan(Number(left_out_messages));
      disk.resume();
      await sleep(50);
      state();
      const { left_out, messages } = await recorder.finish();
      const { count, recording, messages: seen } = await recorded(file);
      const states = count(TOPICS.joint_states.name);
      // More states than there is room for: nothing else is left of what came while the disk stood still.
      expect(states).toBeGreaterThan(150);
      expect(JSON.parse(recording.left_out)).toEqual({
        [COLOUR]: published.pictures - count(COLOUR),
        [TOPICS.latency.name]: published.latencies - count(TOPICS.latency.name),
        [TOPICS.joint_states.name]: published.states - states,
      });
      expect(count(COLOUR)).toBeLessThan(published.pictures / 2);
      expect(recording).toMatchObject({ live: 'true', left_out_messages: String(left_out), ended_early: '' });
      expect(seen.length).toBe(messages);
      const notes = seen.filter(({ topic }) => topic === '/rosout').map(({ message }) => message);
      expect(notes[0]).toMatchObject({ level: 30, name: 'recorder' });
    });
  });

  it('is bounded in bytes: a few pictures of many use up the memory that may wait', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'a.mcap');
      const size = 3 * 64 * 48;
      const { recorder, disk, published, state, picture } = await rig(file, { queue_bytes: 5 * size });
      state();
      await sleep(5);
      disk.hold();
      for (let k = 0; k < 40; k++) picture();
      expect(Number(recorder.diagnostics().waiting_messages)).toBeLessThanOrEqual(6);
      state();
      disk.resume();
      const { left_out } = await recorder.finish();
      const { count } = await recorded(file);
      expect(left_out).toBeGreaterThanOrEqual(30);
      expect([count(COLOUR) + left_out, count(TOPICS.joint_states.name)]).toEqual([published.pictures, 2]);
    });
  });

  it('closes a chunk by wall time, too, when nothing more comes and the clock stands still', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'a.mcap');
      const { recorder, state } = await rig(file);
      const empty = statSync(`${file}.part`).size;
      state();
      await expect.poll(() => statSync(`${file}.part`).size, { timeout: 5000 }).toBeGreaterThan(empty);
      expect((await readAll(`${file}.part`)).messages).toHaveLength(1);
      await recorder.finish();
    });
  });

  it('says why it cannot write, to whoever reads diagnostics, and fails no publisher', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'a.mcap');
      const { recorder, disk, bus, logged, state } = await rig(file, { chunk_bytes: 100 });
      disk.failure = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      for (let k = 0; k < 5; k++) state();
      await expect.poll(() => recorder.diagnostics()[WRITE_FAILURE]).toMatch(/a\.mcap: the disk is full/);
      state();
      await bus.settled();
      expect(logged).toEqual([expect.stringMatching(/the disk is full/)]);
      await expect(recorder.finish()).rejects.toThrow(/the disk is full/);
      expect([existsSync(file), existsSync(`${file}.part`)]).toEqual([false, true]);
    });
  });

  it('can be configured again after it has failed: its cleanup has told already', async () => {
    await withFolder(async (folder) => {
      const { recorder, disk, bus, clock, logged, state } = await rig(join(folder, 'a.mcap'), { chunk_bytes: 100 });
      disk.failure = new Error('EIO');
      state();
      await expect.poll(() => recorder.diagnostics()[WRITE_FAILURE]).toMatch(/EIO/);
      await recorder.cleanup();
      expect(logged).toHaveLength(1);
      disk.failure = null;
      await recorder.configure({ bus, clock, log: SILENT_LOG });
      recorder.activate();
      state();
      expect(recorder.diagnostics()[WRITE_FAILURE]).toBe('');
      await recorder.cleanup();
      expect((await recorded(join(folder, 'a.mcap'))).count(TOPICS.joint_states.name)).toBe(1);
    });
  });

  it('does without pictures once states have waited half a second for the encoders', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'a.mcap');
      const { recorder, bus, clock, picture } = await rig(file);
      const [width, height] = [3200, 2400];
      const data = new Uint8Array(3 * width * height);
      bus.publish(CAMERAS.overview.colour, { stamp_ns: 0n, frame_id: 'camera', width, height, data });
      await null;
      await null;
      for (const after_ns of [1n, 499_000_000n, 501_000_001n]) {
        clock.advance(after_ns);
        bus.publish(TOPICS.joint_states, oneJoint(after_ns));
        picture();
      }
      const { left_out } = await recorder.finish();
      const { count, recording } = await recorded(file);
      expect([left_out, count(COLOUR), count(TOPICS.joint_states.name)]).toEqual([1, 3, 3]);
      expect(JSON.parse(recording.left_out_because)).toEqual({ encoders: 1 });
    });
  });

  it('leaves out a picture that is none, and records everything else', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'a.mcap');
      const { recorder, state, picture } = await rig(file);
      state();
      picture();
      picture(7);
      picture();
      state();
      expect(await recorder.finish()).toMatchObject({ left_out: 1 });
      const { count, recording } = await recorded(file);
      expect([count(COLOUR), count(TOPICS.joint_states.name)]).toEqual([2, 2]);
      expect(JSON.parse(recording.left_out_because)).toEqual({ refused: 1 });
    });
  });
});

describe('a recording whose disk runs full', () => {
  it('is not begun, and leaves no file', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'a.mcap');
      const attempt = rig(file, { disk_limits: { start_bytes: 2e12 } });
      await expect(attempt).rejects.toThrow(/a\.mcap: 1000000 MB are free on the disk of .* at least 2000000 MB are/);
      await expect(attempt).rejects.toMatchObject({ name: 'InputError' });
      expect([existsSync(file), existsSync(`${file}.part`)]).toEqual([false, false]);
    });
  });

  it('warns, then does without pictures, then ends whole and says so; nobody fails', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'a.mcap');
      const { recorder, disk, bus, logged, published, state, picture } = await rig(file, { chunk_bytes: 400 });
      const fill = async (free_bytes: number, until: RegExp) => {
        disk.free_bytes = free_bytes;
        for (let k = 0; !until.test(logged.join(' ')); k++) {
          expect(k).toBeLessThan(500);
          state();
          await sleep(2);
        }
      };
      picture();
      await fill(250e6, /space runs out: 250 MB are free/);
      picture();
      await expect.poll(() => recorder.diagnostics().waiting_messages).toBe(0);
      await fill(150e6, /pictures are left out: 150 MB are free/);
      for (let k = 0; k < 5; k++) picture();
      await fill(50e6, /it has ended, whole, before its disk is full: 50 MB are free/);
      await expect.poll(() => existsSync(file)).toBe(true);
      expect(recorder.diagnostics()[WRITE_FAILURE]).toMatch(/ended, whole/);
      state();
      await recorder.note('test', 'too late');
      await bus.settled();
      const { messages } = await recorder.finish({ success: 'true' });
      const { count, recording, messages: seen } = await recorded(file);
      expect([seen.length, count(COLOUR)]).toEqual([messages, 2]);
      expect(published.pictures).toBe(7);
      expect(recording.ended_early).toMatch(/50 MB are free/);
      expect(JSON.parse(recording.left_out)).toMatchObject({ [COLOUR]: 5 });
    });
  });

  it('ends whole in lock-step, too, and the run that waits for it hears of it', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'a.mcap');
      const { recorder, disk, bus, state } = await rig(file, { live: false, chunk_bytes: 400 });
      const run = async () => {
        for (let k = 0; k < 500; k++) {
          if (k === 50) disk.free_bytes = 50e6;
          state();
          await bus.settled();
          if (k % 10 === 0) await sleep(2);
        }
      };
      await expect(run()).rejects.toThrow(/a\.mcap: it has ended, whole, before its disk is full/);
      await expect(recorder.finish()).rejects.toMatchObject({ name: 'InputError' });
      const { count } = await recorded(file);
      expect(count(TOPICS.joint_states.name)).toBeGreaterThanOrEqual(40);
    });
  });
});
