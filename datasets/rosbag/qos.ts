import { stringify } from 'yaml';
import { z } from 'zod';
import { parseYaml } from './bag_metadata.ts';

/** Names of policies by their numbers in rmw, as metadata of version 8 and before have them. */
const HISTORY = ['system_default', 'keep_last', 'keep_all', 'unknown'] as const;
const RELIABILITY = ['system_default', 'reliable', 'best_effort', 'unknown', 'best_available'] as const;
const DURABILITY = ['system_default', 'transient_local', 'volatile', 'unknown', 'best_available'] as const;
const LIVELINESS = [
  'system_default',
  'automatic',
  'manual_by_node',
  'manual_by_topic',
  'unknown',
  'best_available',
] as const;

function policy<const N extends readonly [string, ...string[]]>(names: N) {
  const number = z.union([z.bigint(), z.number()]).transform((value) => names[Number(value)] ?? 'unknown');
  return z
    .union([z.enum(names), number])
    .catch('unknown')
    .default('unknown');
}

const whole = z.union([z.bigint(), z.number()]).transform(Number);
const time = z.object({ sec: whole, nsec: whole }).catch({ sec: 0, nsec: 0 }).default({ sec: 0, nsec: 0 });
const profile = z.object({
  history: policy(HISTORY),
  depth: whole.catch(0).default(0),
  reliability: policy(RELIABILITY),
  durability: policy(DURABILITY),
  deadline: time,
  lifespan: time,
  liveliness: policy(LIVELINESS),
  liveliness_lease_duration: time,
  avoid_ros_namespace_conventions: z.boolean().catch(false).default(false),
});
/** A QoS profile as metadata of version 9 have it. */
export type QosProfile = Readonly<z.infer<typeof profile>>;
const FIELDS = Object.keys(profile.shape);

const BY_CUSTOM = /(^|\/)(tf_static|robot_description)$/;
const RELIABLE: QosProfile = {
  ...{ history: 'keep_last', depth: 1, reliability: 'reliable', durability: 'volatile', liveliness: 'automatic' },
  ...{ deadline: { sec: 0, nsec: 0 }, lifespan: { sec: 0, nsec: 0 }, liveliness_lease_duration: { sec: 0, nsec: 0 } },
  avoid_ros_namespace_conventions: false,
};

/** Reads the YAML text of offered profiles, of any version; none where it says nothing or nothing that is understood. */
export function qosProfiles(text: string): readonly QosProfile[] {
  if (text.trim() === '') return [];
  try {
    return z.array(profile).catch([]).parse(parseYaml(text, 'offered_qos_profiles'));
  } catch {
    return [];
  }
}

/** The profiles of a topic; those that are usual for it where nobody told. */
export function qosOrUsual({ name, qos }: { readonly name: string; readonly qos: string }): readonly QosProfile[] {
  const told = qosProfiles(qos);
  if (told.length > 0) return told;
  return [BY_CUSTOM.test(name) ? { ...RELIABLE, durability: 'transient_local' } : RELIABLE];
}

/** The text itself where every profile in it is complete, as other readers want it; else with what is missing filled in. */
export function completeQos(text: string): string {
  const profiles = qosProfiles(text);
  if (profiles.length === 0) return '';
  const complete = z.array(z.record(z.string(), z.unknown())).parse(parseYaml(text, 'offered_qos_profiles'));
  return complete.every((each) => FIELDS.every((field) => field in each)) ? text : qosText(profiles);
}

/** YAML text of profiles, as rosbag2 puts it into files. */
export const qosText = (profiles: readonly QosProfile[]): string => stringify(profiles).trim();

/** Whether late subscribers are told a topic's last message: by the QoS that its publishers offered, else by its name. */
export function isLatched(topic: { readonly name: string; readonly qos: string }): boolean {
  return qosOrUsual(topic).some(({ durability }) => durability === 'transient_local');
}
