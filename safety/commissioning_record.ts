import { createHash } from 'node:crypto';
import { z } from 'zod';
import { InputError } from '../contracts/index.ts';

/** Stages of the first use of an arm, in their order. */
export const COMMISSIONING_STAGES = [
  'read_only',
  'shadow',
  'stop_test',
  'payload',
  'hand_eye',
  'speed_10',
  'speed_25',
  'speed_100',
] as const;
export type CommissioningStage = (typeof COMMISSIONING_STAGES)[number];

/** Fastest the tool may move before every stage is passed, m/s. */
export const UNCOMMISSIONED_TOOL_SPEED_M_PER_S = 0.05;
/** Share of the envelope's speeds that the stages passed so far open to the next one. */
const NEXT_SHARE: Partial<Readonly<Record<CommissioningStage, number>>> = {
  speed_10: 0.1,
  speed_25: 0.25,
  speed_100: 1,
};

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What an arm was commissioned as; a record holds for nothing else. */
export const commissionedAs = z
  .strictObject({
    robot: z.string().min(1),
    driver: z.string().min(1),
    /** Serial number or another name of the one arm; empty where the driver knows none. */
    serial: z.string(),
    urdf_sha256: sha256,
    envelope_sha256: sha256,
  })
  .readonly();
export type CommissionedAs = z.infer<typeof commissionedAs>;

export const commissioningFinding = z
  .strictObject({
    severity: z.enum(['note', 'warning', 'failure']),
    /** What was found, with joint or sensor, value and limit. */
    what: z.string().min(1),
    remedy: z.string(),
  })
  .readonly();
export type CommissioningFinding = z.infer<typeof commissioningFinding>;

export const stageRecord = z
  .strictObject({
    stage: z.enum(COMMISSIONING_STAGES),
    /** `not_applicable`: this arm has nothing of the kind, e.g. no camera; counts as passed. */
    verdict: z.enum(['passed', 'failed', 'not_applicable']),
    started_at: z.iso.datetime(),
    finished_at: z.iso.datetime(),
    findings: z.array(commissioningFinding).readonly(),
    measurements: z.record(z.string(), z.json()),
    /** Of the stage before, empty for the first: a stage taken out or changed breaks the chain. */
    previous_sha256: z.union([sha256, z.literal('')]),
    sha256,
  })
  .readonly();
export type StageRecord = z.infer<typeof stageRecord>;

export const commissioningRecord = z
  .strictObject({
    schema: z.literal('surepick.commissioning'),
    version: z.literal(1),
    as: commissionedAs,
    stages: z.array(stageRecord).readonly(),
  })
  .readonly();
export type CommissioningRecord = z.infer<typeof commissioningRecord>;

/** SHA-256 of a stage's JSON without its own hash, keys in the order of the schema. */
export function stageHash(stage: Omit<StageRecord, 'sha256'>): string {
  const { sha256: _own, ...rest } = stageRecord.parse({ ...stage, sha256: '0'.repeat(64) });
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex');
}

/** Parses a record and checks its chain and its order; InputError that names the place. */
export function parseCommissioningRecord(json: unknown, where: string): CommissioningRecord {
  const { data, error } = commissioningRecord.safeParse(json);
  if (error !== undefined) {
    const { path, message } = error.issues[0];
    throw new InputError(`${where}: ${path.join('.') || 'record'}`, message);
  }
  let previous = '';
  for (const [index, stage] of data.stages.entries()) {
    const place = `${where}: stages.${index} (${stage.stage})`;
    if (stage.stage !== COMMISSIONING_STAGES[index])
      throw new InputError(place, `must be ${COMMISSIONING_STAGES[index]}`);
    if (stage.previous_sha256 !== previous) throw new InputError(place, 'does not follow the stage before it');
    const { sha256: own, ...rest } = stage;
    if (own !== stageHash(rest)) throw new InputError(place, 'was changed after it was written; run the stage again');
    previous = own;
  }
  return data;
}

/** What an arm may do with what is known of it. */
export interface CommissioningPermit {
  /** Fastest the tool may move (m/s), null for no limit but the envelope's. */
  readonly tool_speed_m_per_s: number | null;
  /** Share of the envelope's joint speeds. */
  readonly share: number;
  /** Why it is limited; empty when it is not. */
  readonly reason: string;
}

/**
 * @param record  null for none
 * @param under_commissioning  whether a stage of commissioning asks, which needs its own speed
 */
export function commissioningPermit(
  record: CommissioningRecord | null,
  as: CommissionedAs,
  under_commissioning: boolean,
): CommissioningPermit {
  const capped = (reason: string) => ({ tool_speed_m_per_s: UNCOMMISSIONED_TOOL_SPEED_M_PER_S, share: 1, reason });
  if (record === null) return capped('the arm was never commissioned');
  const other = Object.keys(commissionedAs.unwrap().shape).find(
    (key) => record.as[key as keyof CommissionedAs] !== as[key as keyof CommissionedAs],
  );
  if (other !== undefined) return capped(`the arm was commissioned with another ${other.replace('_sha256', '')}`);
  const failed = record.stages.find(({ verdict }) => verdict === 'failed');
  if (failed !== undefined && !under_commissioning) return capped(`commissioning failed at ${failed.stage}`);
  // A stage that failed is the next one again.
  const next = failed?.stage ?? COMMISSIONING_STAGES[record.stages.length];
  if (next === undefined) return { tool_speed_m_per_s: null, share: 1, reason: '' };
  const share = NEXT_SHARE[next];
  if (!under_commissioning || share === undefined) return capped(`commissioning is not finished: ${next} is next`);
  return { tool_speed_m_per_s: null, share, reason: `commissioning at ${100 * share} % for ${next}` };
}
