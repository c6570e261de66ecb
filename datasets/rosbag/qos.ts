import { z } from 'zod';
import { parseYaml } from './bag_metadata.ts';

const profiles = z.array(z.object({ durability: z.union([z.string(), z.bigint(), z.number()]) }));
/** rmw_qos_durability_policy_t. */
const TRANSIENT_LOCAL = 1;
const BY_CUSTOM = /(^|\/)(tf_static|robot_description)$/;

/** Whether late subscribers are told a topic's last message: by the QoS that its publishers offered, else by its name. */
export function isLatched({ name, qos }: { readonly name: string; readonly qos: string }): boolean {
  if (qos.trim() === '' || qos.trim() === '[]') return BY_CUSTOM.test(name);
  try {
    const parsed = profiles.safeParse(parseYaml(qos, name));
    if (!parsed.success) return BY_CUSTOM.test(name);
    return parsed.data.some(({ durability }) =>
      typeof durability === 'string' ? durability === 'transient_local' : Number(durability) === TRANSIENT_LOCAL,
    );
  } catch {
    return BY_CUSTOM.test(name);
  }
}
