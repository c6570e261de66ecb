import { INDEX_FEATURES, NUMBER_TYPES, type NumberType, type WrittenFeature } from './feature.ts';
import type { InfoFile } from './info_file.ts';
import type { KeptFeature, SourceRecord } from './kept_feature.ts';

/** A camera of a set. */
export interface PlannedCamera {
  readonly key: string;
  readonly topic: string;
  readonly kind: 'colour' | 'depth';
  readonly video: boolean;
}

/** Joints of a standard message, and the feature that says them. */
export interface PlannedJoints {
  readonly key: string;
  readonly names: readonly string[];
}

/** Which topic every feature of a set goes to. */
export interface ImportPlan {
  readonly state: PlannedJoints | null;
  readonly velocity: string | null;
  readonly effort: string | null;
  readonly action: PlannedJoints | null;
  readonly wrench: string | null;
  readonly cameras: readonly PlannedCamera[];
  readonly kept: readonly KeptFeature[];
  /** Features that nothing of a recording can hold. */
  readonly left_out: readonly { readonly key: string; readonly why: string }[];
  readonly record: SourceRecord;
}

const WRENCH_WIDTH = 6;
const INDICES = new Set(INDEX_FEATURES.map(({ key }) => key));

/** Plans an import: the features that LeRobot names become standard messages, every other one a topic of its own. */
export function planImport({ features, fps }: InfoFile): ImportPlan {
  const entries = Object.entries(features).filter(([key]) => !INDICES.has(key));
  const standard = new Map<string, WrittenFeature>();
  const vector = (key: string, width: number | null): string | null => {
    const feature = Object.hasOwn(features, key) ? features[key] : undefined;
    const fits = feature?.shape.length === 1 && (width === null || feature.shape[0] === width);
    if (feature === undefined || !fits || numberType(feature.dtype) === null) return null;
    standard.set(key, feature);
    return key;
  };
  const state = joints(features, vector('observation.state', null));
  const width = state?.names.length ?? -1;
  const [velocity, effort] = [vector('observation.velocity', width), vector('observation.effort', width)];
  const action = joints(features, vector('action', null));
  const wrench = vector('observation.wrench', WRENCH_WIDTH);
  const topics = new Set<string>();
  const free = (wanted: string): string => {
    let topic = wanted;
    for (let k = 2; topics.has(topic); k++) topic = `${wanted}_${k}`;
    topics.add(topic);
    return topic;
  };
  const cameras: PlannedCamera[] = [];
  const kept: KeptFeature[] = [];
  const left_out: { key: string; why: string }[] = [];
  for (const [key, feature] of entries) {
    if (standard.has(key)) continue;
    const { dtype, shape } = feature;
    const type = dtype === 'string' ? dtype : numberType(dtype);
    if (dtype === 'image' || dtype === 'video') cameras.push(cameraOf(key, feature, free));
    else if (type === null) left_out.push({ key, why: `values of type ${dtype}` });
    else kept.push({ key, topic: free(`/lerobot/${safeName(key, '/')}`), dtype: type, shape, names: namesOf(feature) });
  }
  const told = [...standard].map(([key, feature]) => [
    key,
    { dtype: numberType(feature.dtype) ?? 'float64', names: namesOf(feature) },
  ]);
  const pictures = Object.fromEntries(cameras.map(({ topic, key }) => [topic, key]));
  const record = { fps, told: Object.fromEntries(told), pictures, kept };
  return { state, velocity, effort, action, wrench, cameras, kept, left_out, record };
}

function cameraOf(key: string, feature: WrittenFeature, free: (topic: string) => string): PlannedCamera {
  const depth = isDepth(feature.info) || isDepth(feature.video_info);
  const name = safeName(key.replace(/^observation\.(images\.)?/, ''), '_').replace(depth ? /_depth$/ : /$^/, '');
  const topic = depth ? `/${name}/depth/image_rect_raw/compressed` : `/${name}/color/image_raw/compressed`;
  return { key, topic: free(topic), kind: depth ? 'depth' : 'colour', video: feature.dtype === 'video' };
}

function isDepth(info: unknown): boolean {
  if (typeof info !== 'object' || info === null) return false;
  const told = new Map<string, unknown>(Object.entries(info));
  return told.get('is_depth_map') === true || told.get('video.is_depth_map') === true;
}

/** Names as ROS allows them. @param dot  what stands for a dot */
function safeName(key: string, dot: string): string {
  const parts = key.split('.').map((part) => part.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d|$)/, '_'));
  return parts.join(dot);
}

function joints(features: InfoFile['features'], key: string | null): PlannedJoints | null {
  if (key === null) return null;
  const [width] = features[key].shape;
  const names = (namesOf(features[key]) ?? []).map((name) => name.replace(/\.pos$/, ''));
  const usable = names.length === width && new Set(names).size === width && !names.includes('');
  return { key, names: usable ? names : Array.from({ length: width }, (_, k) => `joint_${k}`) };
}

/** Names of the values of a feature, where it has one for each: as a list, or as the only list of an object. */
function namesOf({ names, shape }: WrittenFeature): string[] | null {
  const width = shape.reduce((n, size) => n * size, 1);
  const inner = typeof names === 'object' && names !== null && !Array.isArray(names) ? Object.values(names) : [names];
  const [list] = inner;
  if (inner.length !== 1 || !Array.isArray(list) || list.length !== width) return null;
  return list.every((name): name is string => typeof name === 'string') ? list : null;
}

function numberType(dtype: string): NumberType | null {
  return NUMBER_TYPES.find((own) => own === dtype) ?? null;
}
