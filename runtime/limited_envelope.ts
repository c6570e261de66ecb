import type { Envelope } from '../safety/index.ts';

/**
 * An envelope with less speed: the tool's at most `tool_speed_m_per_s` (Infinity for the envelope's own), the joints' a
 * share (0..1] of their own. Everything else stays, so what stops the arm does.
 */
export function limitedEnvelope(envelope: Envelope, tool_speed_m_per_s: number, speed_share: number): Envelope {
  const own_m_per_s = envelope.tool.speed_m_per_s ?? Number.POSITIVE_INFINITY;
  const speed_m_per_s = Math.min(own_m_per_s, tool_speed_m_per_s);
  return {
    ...envelope,
    joints: envelope.joints.map((joint) => ({
      ...joint,
      velocity_rad_per_s: joint.velocity_rad_per_s * speed_share,
    })),
    tool: { ...envelope.tool, speed_m_per_s: speed_m_per_s === Number.POSITIVE_INFINITY ? null : speed_m_per_s },
  };
}
