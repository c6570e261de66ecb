import { describe, expect, it } from 'vitest';
import {
  COMMISSIONING_STAGES,
  type CommissionedAs,
  type CommissioningRecord,
  type CommissioningStage,
  commissioningPermit,
  parseCommissioningRecord,
  type StageRecord,
  stageHash,
  UNCOMMISSIONED_TOOL_SPEED_M_PER_S,
} from './index.ts';

const AS: CommissionedAs = {
  robot: 'panda',
  driver: 'ros2_control',
  serial: '7',
  urdf_sha256: 'a'.repeat(64),
  envelope_sha256: 'b'.repeat(64),
};

/** A record of the first `count` stages, the last with `verdict`. */
function recordOf(count: number, verdict: StageRecord['verdict'] = 'passed'): CommissioningRecord {
  const stages: StageRecord[] = [];
  for (const stage of COMMISSIONING_STAGES.slice(0, count)) {
    const body = {
      stage,
      verdict: stages.length === count - 1 ? verdict : 'passed',
      started_at: '2026-01-01T00:00:00Z',
      finished_at: '2026-01-01T00:01:00Z',
      findings: [],
      measurements: { rate_hz: 100 },
      previous_sha256: stages.at(-1)?.sha256 ?? '',
    } as const;
    stages.push({ ...body, sha256: stageHash(body) });
  }
  return { schema: 'surepick.commissioning', version: 1, as: AS, stages };
}

const index = (stage: CommissioningStage) => COMMISSIONING_STAGES.indexOf(stage);

describe('commissioning record', () => {
  it('reads back from JSON', () => {
    const record = recordOf(4);
    expect(parseCommissioningRecord(JSON.parse(JSON.stringify(record)), 'r.json')).toEqual(record);
  });

  it('is refused where a stage was changed, taken out, or put elsewhere', () => {
    const { stages, ...rest } = recordOf(5);
    const changed = stages.map((stage, i) => (i === 2 ? { ...stage, measurements: { rate_hz: 200 } } : stage));
    expect(() => parseCommissioningRecord({ ...rest, stages: changed }, 'r.json')).toThrow(
      /stages.2 \(stop_test\): was changed/,
    );
    expect(() => parseCommissioningRecord({ ...rest, stages: stages.slice(1) }, 'r.json')).toThrow(/must be read_only/);
    const { sha256: _, ...second } = stages[1];
    const forged = { ...second, previous_sha256: 'c'.repeat(64) };
    const broken = [stages[0], { ...forged, sha256: stageHash(forged) }];
    expect(() => parseCommissioningRecord({ ...rest, stages: broken }, 'r.json')).toThrow(/does not follow/);
    expect(() => parseCommissioningRecord({ ...rest, stages: 3 }, 'r.json')).toThrow(/r.json: stages/);
  });

  it('caps the tool until every stage is passed', () => {
    for (let count = 0; count < COMMISSIONING_STAGES.length; count++) {
      expect(commissioningPermit(recordOf(count), AS, false)).toMatchObject({
        tool_speed_m_per_s: UNCOMMISSIONED_TOOL_SPEED_M_PER_S,
        reason: expect.stringContaining(COMMISSIONING_STAGES[count]),
      });
    }
    expect(commissioningPermit(null, AS, true).tool_speed_m_per_s).toBe(UNCOMMISSIONED_TOOL_SPEED_M_PER_S);
    const complete = recordOf(COMMISSIONING_STAGES.length);
    expect(commissioningPermit(complete, AS, false)).toEqual({ tool_speed_m_per_s: null, share: 1, reason: '' });
  });

  it('opens one speed after the other to commissioning, and to nobody else', () => {
    const share = (stage: CommissioningStage) => commissioningPermit(recordOf(index(stage)), AS, true);
    expect(share('stop_test').tool_speed_m_per_s).toBe(UNCOMMISSIONED_TOOL_SPEED_M_PER_S);
    expect(share('speed_10')).toMatchObject({ tool_speed_m_per_s: null, share: 0.1 });
    expect(share('speed_25')).toMatchObject({ tool_speed_m_per_s: null, share: 0.25 });
    expect(share('speed_100')).toMatchObject({ tool_speed_m_per_s: null, share: 1 });
  });

  it('holds for the one arm, driver, model and envelope', () => {
    const complete = recordOf(COMMISSIONING_STAGES.length);
    for (const key of ['robot', 'driver', 'serial', 'urdf_sha256', 'envelope_sha256'] as const) {
      const other = { ...AS, [key]: key.endsWith('sha256') ? 'c'.repeat(64) : 'other' };
      const permit = commissioningPermit(complete, other, true);
      expect(permit.tool_speed_m_per_s, key).toBe(UNCOMMISSIONED_TOOL_SPEED_M_PER_S);
      expect(permit.reason).toContain(key.replace('_sha256', ''));
    }
    expect(commissioningPermit(recordOf(6, 'failed'), AS, false).reason).toBe('commissioning failed at speed_10');
    expect(commissioningPermit(recordOf(6, 'failed'), AS, true).share).toBe(0.1);
    expect(commissioningPermit(recordOf(4, 'failed'), AS, true).tool_speed_m_per_s).toBe(0.05);
    expect(commissioningPermit(recordOf(5, 'not_applicable'), AS, true).share).toBe(0.1);
  });
});
