import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { breakMidEpisode, sortingCell } from '../test/support/mid_episode.ts';
import { camera_frozen } from './faults/camera_frozen.ts';
import { inference_nan } from './faults/inference_nan.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'surepick-mid-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('something that breaks for good when the first of several objects has been put down', () => {
  it('is got round where colour and depth can see in place of the network: all are sorted, slower', async () => {
    const options = { out_dir: folder, onLine: () => {}, threaded: false };
    const { ok, wrong, errors, stages, reasons } = await breakMidEpisode(inference_nan, sortingCell(1), options);
    expect({ ok, wrong, errors }).toEqual({ ok: true, wrong: [], errors: [] });
    expect(stages.filter((stage) => stage === 'place').length).toBeGreaterThan(0);
    expect(reasons.join()).toMatch(/the network was not used: .*gave NaN/);
  }, 300_000);

  it('ends the task where nothing new is seen: nothing more is touched, and the arm stands', async () => {
    const options = { out_dir: folder, onLine: () => {} };
    const cell = sortingCell(2, 'classical');
    const { ok, stage, reason, wrong, errors, stages, speed } = await breakMidEpisode(camera_frozen, cell, options);
    expect({ ok, stage, wrong, errors, speed }).toEqual({
      ...{ ok: false, stage: 'perceive', wrong: [], errors: [], speed: 0 },
    });
    expect(reason).toMatch(/frozen/);
    expect(stages).not.toContain('grasp');
  }, 300_000);
});
