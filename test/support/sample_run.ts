import sharp from 'sharp';
import { createRng, EPISODE_STAGES } from '../../contracts/index.ts';
import type { AnnotatedImage, EpisodeRecord, RunRecord } from '../../datasets/index.ts';

/** A run as the report takes it, of plausible episodes; every third fails. */
export async function sampleRun(episodes: number, seed = 1): Promise<RunRecord> {
  const jpeg = await samplePicture(seed);
  const records = Array.from({ length: episodes }, (_, index) => sampleEpisode(index, seed, jpeg));
  const successes = records.filter((record) => record.success).length;
  return {
    run_id: `sample-seed${seed}`,
    command: `surepick run --episodes ${episodes} --seed ${seed}`,
    options: {
      task: 'pick-place',
      engine: 'cannon',
      policy: 'stack',
      observation: 'rgbd',
      randomize: 'none',
      seed,
      workers: 2,
    },
    versions: { surepick: '0.1.0', node: 'v20.20.2', 'cannon-es': '0.20.0', 'onnxruntime-node': '1.30.0' },
    model: { name: 'vision@1', sha256: '5f'.repeat(32) },
    machine: { cpu: 'Sample CPU', cores: '2', memory: '24 GiB', system: 'linux 6.1' },
    digest: 'c0ffee00'.repeat(8),
    success_rate: episodes === 0 ? 0 : successes / episodes,
    wilson95: [0.39, 0.86],
    real_time_factor: 17.4,
    interrupted: false,
    episodes: records,
  };
}

function sampleEpisode(index: number, seed: number, jpeg: Uint8Array): EpisodeRecord {
  const rng = createRng(seed).stream(`episode/${index}`);
  const success = index % 3 !== 2;
  const durations = [0.3, 0.1, 2.4, 1.1, 1.6, 2.8, 1.4, 1.2].map((d) => d * rng.range(0.8, 1.2));
  const names = EPISODE_STAGES.slice(0, success ? 8 : 5);
  let start_s = 0;
  const stages = names.map((name, i) => {
    const span = { name, start_s, end_s: start_s + durations[i] };
    start_s = span.end_s;
    return span;
  });
  const samples = Math.round(start_s * 50);
  const time_s = Array.from({ length: samples }, (_, i) => i / 50);
  const phase = rng.range(0, 6);
  return {
    index,
    success,
    stage: success ? '' : 'lift',
    reason: success ? '' : 'the object slipped: the fingers closed to 0.4 mm, 30 mm expected',
    object: ['red box', 'blue cylinder', 'green box'][index % 3],
    attempts: success ? 1 : 2,
    sim_seconds: start_s,
    wall_seconds: start_s / 17,
    placement_error_m: success ? rng.range(0.0005, 0.006) : rng.range(0.1, 0.3),
    interventions: index % 4 === 1 ? [{ time_s: 2.5, reason: 'limited: joint 4 acceleration' }] : [],
    checks: { on_target: success, at_rest: true, released: true, others_on_table: true },
    stages,
    time_s,
    joint_names: [1, 2, 3, 4, 5, 6, 7].map((i) => `panda_joint${i}`),
    joint_position: time_s.map((t) => [1, 2, 3, 4, 5, 6, 7].map((i) => Math.sin(t / 2 + phase + i) * (1 - 0.09 * i))),
    tool_speed: time_s.map((t) => Math.max(0, Math.sin(1.3 * t + phase)) ** 2 * 0.6),
    latency: {
      'perception: prepare': { p50_s: 0.00041, p95_s: 0.0009, calls: 12 },
      'perception: model': { p50_s: 0.00523, p95_s: 0.0081, calls: 12 },
      plan: { p50_s: 0.0312, p95_s: 0.101, calls: 7 },
    },
    images: [image(jpeg, 0.1), image(jpeg, start_s)],
    recording: `episode-${String(index).padStart(4, '0')}.mcap`,
  };
}

function image(jpeg: Uint8Array, time_s: number): AnnotatedImage {
  const corner = (i: number): [number, number] => [
    128 + (i & 1 ? 34 : 0) + (i & 2 ? 10 : 0),
    128 + (i & 2 ? -12 : 0) + (i & 4 ? -26 : 0),
  ];
  const edges: [number, number, number, number][] = [];
  for (let i = 0; i < 8; i++)
    for (const bit of [1, 2, 4]) if ((i & bit) === 0) edges.push([...corner(i), ...corner(i | bit)]);
  const boxes = [{ label: 'red box', score: 0.97, edges, image_box: [128, 90, 44, 38] as const }];
  return { width: 320, height: 240, jpeg, time_s, boxes, source: 'onnx' };
}

async function samplePicture(seed: number): Promise<Uint8Array> {
  const [width, height] = [320, 240];
  const rng = createRng(seed).stream('picture');
  const data = new Uint8Array(3 * width * height);
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      const block = u >= 128 && u < 172 && v >= 90 && v < 128;
      for (let c = 0; c < 3; c++) {
        const shade = block ? [205, 60, 50][c] : 70 + 90 * (v / height);
        data[3 * (v * width + u) + c] = Math.max(0, Math.min(255, shade + 4 * rng.normal()));
      }
    }
  }
  return new Uint8Array(
    await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 85 })
      .toBuffer(),
  );
}
