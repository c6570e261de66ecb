import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { breakMidEpisode, sortingCell } from '../test/support/mid_episode.ts';
import { compiledProgram } from '../test/support/programs.ts';
import { camera_covered } from './faults/camera_covered.ts';
import { camera_frozen } from './faults/camera_frozen.ts';
import { depth_missing } from './faults/depth_missing.ts';
import { inference_killed } from './faults/inference_killed.ts';
import { inference_memory } from './faults/inference_memory.ts';
import { inference_nan } from './faults/inference_nan.ts';
import { model_replaced } from './faults/model_replaced.ts';

let folder = '';
/** Networks run in threads, whose program is compiled. */
let worker = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'surepick-mid-'));
  worker = join(dirname(await compiledProgram('flood')), '..', '..', 'perception', 'runtime', 'inference_worker.js');
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

const cases = (drills: readonly (typeof camera_frozen)[]) =>
  drills.flatMap((drill) => [1, 2, 3].map((seed) => [drill.name, seed, drill] as const));

describe('something that breaks for good in the middle of an episode', () => {
  it.each(cases([inference_nan, inference_killed, inference_memory, model_replaced]))(
    '%s, world %d: colour and depth see in place of the network, nothing wrong is picked',
    async (_, seed, drill) => {
      const options = { out_dir: folder, onLine: () => {}, worker };
      const { wrong, errors, reasons, stages, speed } = await breakMidEpisode(drill, sortingCell(seed), options);
      expect({ wrong, errors, speed }).toEqual({ wrong: [], errors: [], speed: 0 });
      expect(stages).toContain('place');
      expect(reasons.join()).toMatch(drill.says);
    },
    600_000,
  );

  it.each(cases([camera_frozen, camera_covered, depth_missing]))(
    '%s, world %d: nothing more is touched, and the arm stands',
    async (_, seed, drill) => {
      const options = { out_dir: folder, onLine: () => {}, worker };
      const { ok, stage, wrong, errors, stages, speed } = await breakMidEpisode(drill, sortingCell(seed), options);
      expect({ ok, stage, wrong, errors, speed }).toEqual({
        ...{ ok: false, stage: 'perceive', wrong: [], errors: [], speed: 0 },
      });
      expect(stages).not.toContain('grasp');
    },
    600_000,
  );
});
