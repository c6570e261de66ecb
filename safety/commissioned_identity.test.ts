import { describe, expect, it } from 'vitest';
import { loadRobot } from '../robots/index.ts';
import { commissionedIdentity } from './commissioned_identity.ts';
import { commissionedAs } from './commissioning_record.ts';
import { envelopeForRobot, parseEnvelope } from './envelope.ts';

const envelope = envelopeForRobot(loadRobot('panda', { visualMeshes: false }));
const arm = { robot: 'panda', driver: 'ros2_control', serial: '7', urdf: '<robot name="panda"/>', envelope };

describe('identity of a commissioned arm', () => {
  it('is the same for an envelope that was written to a file and read again, its fields in any order', () => {
    const read: object = JSON.parse(JSON.stringify(envelope));
    const turned = parseEnvelope(Object.fromEntries(Object.entries(read).reverse()));
    expect(commissionedIdentity({ ...arm, envelope: turned })).toEqual(commissionedIdentity(arm));
    const measured_stop = {
      trials: 20,
      deceleration_s: { median: 0.05, most: 0.06, bound: 0.07 },
      standstill_s: { median: 0.1, most: 0.1 },
    };
    const measured = parseEnvelope(JSON.stringify({ ...envelope, measured_stop }));
    expect(measured.measured_stop?.trials).toBe(20);
    expect(commissionedIdentity({ ...arm, envelope: measured })).toEqual(commissionedIdentity(arm));
    expect(commissionedAs.safeParse(commissionedIdentity(arm)).success).toBe(true);
  });

  it('is another one for each thing that differs', () => {
    const others = [
      { ...arm, robot: 'other' },
      { ...arm, driver: 'sim' },
      { ...arm, serial: '8' },
      { ...arm, urdf: '<robot name="panda" />' },
      { ...arm, envelope: { ...envelope, late_s: envelope.late_s / 2 } },
    ];
    const all = [arm, ...others].map((one) => JSON.stringify(commissionedIdentity(one)));
    expect(new Set(all).size).toBe(all.length);
  });
});
