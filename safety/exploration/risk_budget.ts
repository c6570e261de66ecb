import { z } from 'zod';
import { InputError, vector3 } from '../../contracts/index.ts';
import type { Envelope } from '../envelope.ts';

const positive = z.number().positive();

/**
 * What training or data collection may risk: speed and region tighten the envelope while it is in force, force is that from
 * which the supervisor stops the arm, and stops are counted.
 */
export const riskBudgetSchema = z
  .strictObject({
    schema: z.literal('surepick.risk_budget'),
    version: z.literal(1),
    /** What it is for, as the audit log names it. */
    purpose: z.string().min(1),
    /** Fastest the tool may move, m/s, and share of the envelope's joint speeds. */
    tool_speed_m_per_s: positive,
    joint_speed_share: positive.max(1),
    /** Box that the tool stays in, frame of the root link, m; null for the envelope's own. */
    region: z.strictObject({ lower_m: vector3, upper_m: vector3 }).readonly().nullable(),
    /** Greatest force on the tool, N; one that is greater stops the arm. */
    force_N: positive,
    /** Stops, by whomever, in any hour: so many, and the arm rests until the first of them is an hour ago. */
    interventions_per_hour: z.int().positive().max(10_000),
  })
  .readonly();
export type RiskBudget = z.infer<typeof riskBudgetSchema>;

/** Reads a budget from a parsed JSON or YAML value; `where` names its source in errors. */
export function parseRiskBudget(value: unknown, where: string): RiskBudget {
  const result = riskBudgetSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new InputError(`${where}: ${issue.path.join('.') || 'document'}`, issue.message);
}

/**
 * The envelope within a budget: never looser than either. Throws InputError for a region that leaves nothing of the
 * workspace.
 */
export function envelopeWithin(envelope: Envelope, budget: RiskBudget): Envelope {
  const { tool } = envelope;
  return {
    ...envelope,
    joints: envelope.joints.map((joint) => ({
      ...joint,
      velocity_rad_per_s: joint.velocity_rad_per_s * budget.joint_speed_share,
    })),
    tool: {
      ...tool,
      speed_m_per_s: Math.min(tool.speed_m_per_s ?? Number.POSITIVE_INFINITY, budget.tool_speed_m_per_s),
      reduced_speed_m_per_s: Math.min(tool.reduced_speed_m_per_s, budget.tool_speed_m_per_s),
    },
    workspace: intersection(envelope.workspace, budget.region),
  };
}

function intersection(own: Envelope['workspace'], region: RiskBudget['region']): Envelope['workspace'] {
  if (own === null || region === null) return region ?? own;
  const [x, y, z] = [0, 1, 2].map((axis) => {
    const lower = Math.max(own.lower_m[axis], region.lower_m[axis]);
    const upper = Math.min(own.upper_m[axis], region.upper_m[axis]);
    if (lower >= upper) {
      throw new InputError(
        `region ${region.lower_m[axis]} to ${region.upper_m[axis]} m along ${'xyz'[axis]}`,
        `must overlap the workspace, ${own.lower_m[axis]} to ${own.upper_m[axis]} m`,
      );
    }
    return { lower, upper };
  });
  return { lower_m: [x.lower, y.lower, z.lower], upper_m: [x.upper, y.upper, z.upper] };
}
