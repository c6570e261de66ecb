import { createHash } from 'node:crypto';
import { createRng, type Rng } from '../../contracts/index.ts';
import type { DatasetEpisode } from '../../datasets/index.ts';

const KINDS = ['box', 'cylinder', 'cup', 'bottle', 'can', 'bowl', 'plate', 'tool', 'ball', 'bag'];
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** An episode of an index, plain but for what is given. */
export function episodeOf(id: string, given: Partial<DatasetEpisode> = {}): DatasetEpisode {
  return {
    ...{ id, file: `episodes/${id}.mcap`, bytes: 1, sha256: hashOf(id), recorded_at: null },
    robot: { name: 'panda', joint_names: ['joint1'], urdf_sha256: '' },
    ...{ engine: 'real', task: 'pick-place', text: '', objects: [], scene_sha256: '', duration_s: 8, signals: [] },
    outcome: { success: true, stage: '', reason: '', interventions: 0, corrections: 0 },
    ...{ randomization: {}, quality: null, split: null },
    governance: { consent: 'unknown', licence: '', purposes: [], retain_until: null, masked: [] },
    lineage: { source: 'robot', run_id: id, policy: '', model_sha256: '', command: '', versions: {}, made_of: [] },
    ...given,
  };
}

/** Episodes as they may come: scenes and runs that repeat, objects in all mixes, now and then one that is another again. */
export function drawnEpisodes(rng: Rng, n: number, kinds = 1 + rng.int(KINDS.length)): DatasetEpisode[] {
  const episodes: DatasetEpisode[] = [];
  const scenes = 1 + rng.int(n);
  for (let k = 0; k < n; k++) {
    const id = `e-${k}`;
    const again = episodes.length > 0 && rng.uniform() < 0.1 ? episodes[rng.int(episodes.length)] : null;
    const objects = [...new Set(Array.from({ length: rng.int(3) }, () => KINDS[rng.int(kinds)]))].sort();
    const near = again !== null && rng.uniform() < 0.5;
    const finding = {
      check: 'duplicate',
      severity: 'minor',
      detail: `like ${again?.id}: near`,
      fix: '',
      from_s: 0,
      to_s: 1,
    } as const;
    const base = episodeOf(id, {
      objects,
      scene_sha256: rng.uniform() < 0.8 ? hashOf(`scene ${rng.int(scenes)}`) : '',
      task: ['pick-place', 'sort', 'clutter'][rng.int(3)],
      duration_s: rng.range(1, 60),
      outcome: { success: rng.uniform() < 0.7, stage: '', reason: '', interventions: rng.int(3), corrections: 0 },
      quality: near ? { score: 0.8, findings: [finding] } : null,
      lineage: {
        ...episodeOf(id).lineage,
        run_id: `run-${rng.int(4)}`,
        source: rng.uniform() < 0.5 ? 'robot' : 'simulation',
      },
    });
    episodes.push(again !== null && !near ? { ...base, sha256: again.sha256 } : base);
  }
  return episodes;
}

export const rngOf = (seed: number, name: string): Rng => createRng(seed, name);
