import { createHash } from 'node:crypto';
import type { DatasetEpisode, DatasetIndex, Governance } from '../../datasets/index.ts';

/** An episode as an index has it, of nothing but what is told. */
export function governedEpisode(id: string, told: Partial<Governance> = {}, more: Partial<DatasetEpisode> = {}) {
  const episode: DatasetEpisode = {
    id,
    file: `episodes/${id}.mcap`,
    bytes: 0,
    sha256: createHash('sha256').update(id).digest('hex'),
    recorded_at: '2026-01-01T00:00:00Z',
    robot: { name: 'panda', joint_names: ['panda_joint1'], urdf_sha256: '' },
    engine: 'cannon',
    task: 'pick-place',
    text: 'put the box into the tray',
    objects: ['box'],
    scene_sha256: '',
    duration_s: 1,
    signals: [],
    outcome: { success: true, stage: '', reason: '', interventions: 0, corrections: 0 },
    randomization: {},
    quality: null,
    split: null,
    governance: { consent: 'none_needed', licence: '', purposes: [], retain_until: null, masked: [], ...told },
    lineage: {
      ...{ source: 'simulation', run_id: 'r', policy: 'stack', model_sha256: '', command: '' },
      ...{ versions: {}, made_of: [] },
    },
    ...more,
  };
  return episode;
}

export function governedIndex(episodes: readonly DatasetEpisode[], more: Partial<DatasetIndex> = {}): DatasetIndex {
  return {
    ...{ schema: 'surepick/dataset', version: 1, id: '3f1b6a52-8c9d-8e01-a234-56789abcdef0', name: 'cups' },
    ...{ revision: 3, description: '', licence: '', parents: [], tombstones: [], products: [] },
    created_at: '2026-01-01T00:00:00Z',
    changed_at: '2026-01-01T00:00:00Z',
    episodes,
    ...more,
  };
}
