import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex');
const known_sha256 = z.union([sha256, z.literal('')]);
const instant = z.iso.datetime();
/** Names of episodes and files are made of these alone: a path can never lead out of its folder. */
export const episodeId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,119}$/, 'letters, digits, . _ -; 120 at most');
/** From the dataset's folder, with slashes. */
export const innerPath = z
  .string()
  .max(400)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/, 'must be a path inside the folder');

/** What a topic of a recording is to a learner, whatever the robot. */
export const SIGNAL_ROLES = [
  'joint_state',
  'joint_command',
  'tool_command',
  'gripper_state',
  'gripper_command',
  'wrench',
  'colour',
  'depth',
  'camera_info',
  'detections',
  'safety',
  'notes',
  'other',
] as const;
export type SignalRole = (typeof SIGNAL_ROLES)[number];

export const signal = z.strictObject({
  role: z.enum(SIGNAL_ROLES),
  topic: z.string().min(1),
  /** e.g. `sensor_msgs/msg/JointState`. */
  type: z.string().min(1),
  /** Camera of a picture; else empty. */
  camera: z.string(),
  messages: z.number().int().nonnegative(),
});
export type Signal = Readonly<z.infer<typeof signal>>;

export const SPLITS = ['train', 'validation', 'test'] as const;
export type Split = (typeof SPLITS)[number];

/** What may be done with an episode, and until when. */
export const governance = z.strictObject({
  /** Of the people who may be seen or who steered; `none_needed` where a simulation shows none. */
  consent: z.enum(['none_needed', 'given', 'refused', 'unknown']),
  /** SPDX identifier or LicenseRef-…, empty where nothing was said. */
  licence: z.string(),
  purposes: z.array(z.string()).readonly(),
  /** When it must be purged; null for never. */
  retain_until: instant.nullable(),
  /** What was masked before storing, in words. */
  masked: z.array(z.string()).readonly(),
});
export type Governance = Readonly<z.infer<typeof governance>>;

export const finding = z.strictObject({
  check: z.string().min(1),
  severity: z.enum(['note', 'minor', 'major']),
  /** What was seen, with its number and limit. */
  detail: z.string().min(1),
  /** What to do about it. */
  fix: z.string(),
  /** When, s from the episode's start. */
  from_s: z.number(),
  to_s: z.number(),
});
export type Finding = Readonly<z.infer<typeof finding>>;

export const lineage = z.strictObject({
  source: z.enum(['simulation', 'teleoperation', 'robot', 'import']),
  run_id: z.string(),
  /** Who acted: `stack`, `expert`, `onnx:NAME`, `operator`, or of a foreign set what it says. */
  policy: z.string(),
  model_sha256: known_sha256,
  command: z.string(),
  versions: z.record(z.string(), z.string()),
  /** SHA-256 of what it was made from: an imported file, demonstrations. */
  made_of: z.array(sha256).readonly(),
});
export type Lineage = Readonly<z.infer<typeof lineage>>;

/** One episode, robot-neutral. It keeps its id in every dataset that it goes to. */
export const datasetEpisode = z.strictObject({
  id: episodeId,
  file: innerPath,
  bytes: z.number().int().nonnegative(),
  sha256,
  recorded_at: instant.nullable(),
  robot: z.strictObject({
    name: z.string(),
    /** As joint states name them; their units are rad, or m for those that slide. */
    joint_names: z.array(z.string()).readonly(),
    urdf_sha256: known_sha256,
  }),
  /** `cannon`, `mujoco`, `real`, or what a foreign set says. */
  engine: z.string(),
  task: z.string(),
  /** What was to be done, in words. */
  text: z.string(),
  /** Kinds of the objects in the scene, sorted, none twice; empty where unknown. */
  objects: z.array(z.string()).readonly(),
  /** SHA-256 of the scene before randomisation; empty where unknown. */
  scene_sha256: known_sha256,
  duration_s: z.number().nonnegative(),
  signals: z.array(signal).readonly(),
  outcome: z.strictObject({
    /** Null where nobody said. */
    success: z.boolean().nullable(),
    stage: z.string(),
    reason: z.string(),
    /** Of the safety gate. */
    interventions: z.number().int().nonnegative(),
    /** Stretches in which a person took over. */
    corrections: z.number().int().nonnegative(),
  }),
  /** Dotted names, e.g. `friction.table`; empty where nothing was randomised. */
  randomization: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  /** Null until it was looked at; 1 is without fault. */
  quality: z.strictObject({ score: z.number().min(0).max(1), findings: z.array(finding).readonly() }).nullable(),
  split: z.enum(SPLITS).nullable(),
  governance,
  lineage,
});
export type DatasetEpisode = Readonly<z.infer<typeof datasetEpisode>>;

/** What is left of an episode that was removed. */
export const tombstone = z.strictObject({
  id: episodeId,
  sha256,
  removed_at: instant,
  who: z.string().min(1),
  why: z.string().min(1),
  /** Exports and models that were made with it, as they were told. */
  used_by: z.array(z.string()).readonly(),
});
export type Tombstone = Readonly<z.infer<typeof tombstone>>;

/** Something that was made from episodes of this dataset: an export, a model. */
export const product = z.strictObject({
  kind: z.enum(['export', 'model', 'dataset']),
  /** Where it went, or its SHA-256. */
  told: z.string().min(1),
  format: z.string(),
  made_at: instant,
  revision: z.number().int().nonnegative(),
  episodes: z.array(episodeId).readonly(),
  /** Ids of purged episodes that it still holds. */
  tainted_by: z.array(episodeId).readonly(),
});
export type Product = Readonly<z.infer<typeof product>>;

/** `dataset.json`: what a dataset folder holds. A run's folder without one is the same with revision 0. */
export const datasetIndex = z.strictObject({
  schema: z.literal('surepick/dataset'),
  version: z.literal(1),
  /** UUID: the same through all revisions. */
  id: z.uuid(),
  name: z.string().min(1).max(100),
  /** Rises by one with every change. */
  revision: z.number().int().nonnegative(),
  description: z.string(),
  licence: z.string(),
  created_at: instant,
  changed_at: instant,
  /** Datasets that it was made from. */
  parents: z.array(z.strictObject({ id: z.string(), name: z.string(), revision: z.number().int() })).readonly(),
  episodes: z.array(datasetEpisode).readonly(),
  tombstones: z.array(tombstone).readonly(),
  products: z.array(product).readonly(),
});
export type DatasetIndex = Readonly<z.infer<typeof datasetIndex>>;
