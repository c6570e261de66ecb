import sharp from 'sharp';
import { createRng } from '../../contracts/index.ts';
import type { CardContent, DatasetEpisode, DatasetIndex } from '../../datasets/index.ts';

const AT = '2026-01-02T03:04:05Z';
const SHA = '5f'.repeat(32);

/**
 * The content of a card: half of the episodes succeeded, a quarter failed, a quarter nobody judged.
 * @param pictured  episodes with filmstrips
 * @param text  stands in every field that takes text, where it is given
 */
export async function sampleCard(episodes: number, pictured = 0, text = ''): Promise<CardContent> {
  const all = Array.from({ length: episodes }, (_, k) => sampleEpisode(k, text));
  const index: DatasetIndex = {
    ...{ schema: 'surepick/dataset', version: 1, id: '0b6f6f9e-3a59-4d7e-9c1a-6f0e3c1d2b4a', revision: 4 },
    ...{
      name: `${text}boxes`.slice(-100),
      description: text,
      licence: text || 'CC-BY-4.0',
      created_at: AT,
      changed_at: AT,
    },
    parents: [{ id: 'p', name: `${text}older`, revision: 2 }],
    episodes: all,
    tombstones: [
      { id: 'gone', sha256: SHA, removed_at: AT, who: `${text}ada`, why: `${text}asked for it`, used_by: [`${text}m`] },
    ],
    products: [
      {
        kind: 'export',
        told: `${text}sets/lerobot`,
        format: 'lerobot',
        made_at: AT,
        revision: 3,
        episodes: ['e-0'],
        tainted_by: ['gone'],
      },
      { kind: 'model', told: SHA, format: 'onnx', made_at: AT, revision: 4, episodes: ['e-0', 'e-1'], tainted_by: [] },
    ],
  };
  const jpeg = await picture();
  const frames = Array.from({ length: 8 }, (_, k) => ({ width: 112, height: 84, time_s: k, jpeg }));
  const looks = all.map(({ id }, k) => {
    const strips =
      k < pictured
        ? [
            { camera: `${text}overview`, frames },
            { camera: 'wrist', frames },
          ]
        : [];
    const stages = ['approach', 'grasp', `${text}lift`].map((name, i) => ({ name, start_s: i, end_s: i + 1 }));
    const joints = [
      { name: `${text}joint1`, low: k === 0 ? -1.2 : -1, high: k === 1 ? 1.5 : 1, fastest: 0.5 + 0.1 * (k % 5) },
      { name: 'joint2', low: 0, high: 2, fastest: 1 },
    ];
    const cameras = [
      { camera: `${text}overview`, kind: 'colour' as const, pictures: 300, rate_hz: 30, jitter_s: 0.001, bytes: 7e3 },
    ];
    return [id, { stages, joints, cameras, strips }] as const;
  });
  return {
    dataset: { folder: '/sets/boxes', kind: 'dataset', index },
    signature: { status: 'unsigned', lines: text === '' ? [] : [text] },
    looks: new Map(looks),
    unreadable: new Map(text === '' ? [] : [['e-1', text]]),
  };
}

function sampleEpisode(k: number, text: string): DatasetEpisode {
  const rng = createRng(7).stream(`episode/${k}`);
  const success = k % 4 === 3 ? null : k % 4 !== 2;
  return {
    ...{
      id: `e-${k}`,
      file: `episodes/e-${k}.mcap`,
      bytes: 5e6,
      sha256: k.toString(16).padStart(64, '0'),
      recorded_at: AT,
    },
    robot: { name: `${text}ur5`, joint_names: ['joint1', 'joint2'], urdf_sha256: '' },
    ...{ engine: `${text}mujoco`, task: `${text}${k % 2 === 0 ? 'pick-place' : 'sort'}`, text: `${text}Put it there.` },
    ...{ objects: k % 3 === 0 ? [`${text}box`, 'cylinder'] : [`${text}box`], scene_sha256: '' },
    ...{ duration_s: rng.range(6, 14), signals: [] },
    outcome: {
      success,
      stage: success === false ? `${text}grasp` : '',
      reason: `${text}`,
      interventions: 0,
      corrections: 0,
    },
    randomization: { 'friction.table': rng.range(0.2, 0.8), level: 'train' },
    quality: {
      score: rng.range(0.7, 1),
      findings:
        k % 4 === 2
          ? [
              {
                check: `${text}dark_frames`,
                severity: 'major',
                detail: `${text}12 of 300`,
                fix: `${text}leave out`,
                from_s: 0,
                to_s: 1,
              },
            ]
          : [],
    },
    split: k % 6 === 4 ? 'test' : k % 6 === 5 ? 'validation' : 'train',
    governance: {
      consent: 'given',
      licence: '',
      purposes: text === '' ? [] : [text],
      retain_until: null,
      masked: text === '' ? [] : [text],
    },
    lineage: {
      ...{ source: 'teleoperation', run_id: `${text}run-1`, policy: `${text}operator`, model_sha256: '' },
      ...{ command: text, versions: {}, made_of: [] },
    },
  };
}

async function picture(): Promise<Uint8Array> {
  const create = { width: 112, height: 84, channels: 3, background: { r: 150, g: 140, b: 120 } } as const;
  return new Uint8Array(await sharp({ create }).jpeg().toBuffer());
}
