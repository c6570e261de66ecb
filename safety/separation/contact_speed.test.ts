import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { MADE_UP_TABLE } from '../../test/support/contact_table.ts';
import { envelopeForRobot } from '../envelope.ts';
import { checkEnvelope } from '../feasibility.ts';
import { SafetyGate } from '../gate.ts';
import { type ContactLimits, type ContactRegion, parseContactLimits } from './contact_limits.ts';
import { contactSpeed, MOST_CONTACT_SPEED_M_PER_S, reducedMass, regionSpeed } from './contact_speed.ts';

const PANDA = loadRobot('panda', { visualMeshes: false });
const [HAND, CHEST] = MADE_UP_TABLE.table.regions;
const BOUNDS = {
  ...{ body_speed_m_per_s: 1.6, track_delay_s: 0.1, track_period_s: 0.05 },
  ...{ body_error_m: 0.05, robot_error_m: 0, intrusion_m: 0 },
};

function withRegions(...regions: ContactRegion[]): ContactLimits {
  return { ...MADE_UP_TABLE, table: { ...MADE_UP_TABLE.table, regions } };
}

function touching(contact_speed_m_per_s: number, contact_limits?: ContactLimits) {
  const separation = { ...BOUNDS, contact_speed_m_per_s };
  return { ...envelopeForRobot(PANDA), separation, ...(contact_limits === undefined ? {} : { contact_limits }) };
}

describe('the speed that a region of the body bears', () => {
  it('is what is reckoned by hand', () => {
    // mu = 0.6 * 9.4 / 10 = 0.564 kg; 240 N / sqrt(0.564 kg * 75 kN/m) = 240 / 205.670
    expect(reducedMass(0.6, 9.4)).toBeCloseTo(0.564, 12);
    expect(regionSpeed(HAND, 9.4)).toMatchObject({
      transient_force_N: 240,
      reduced_mass_kg: expect.closeTo(0.564, 12),
    });
    expect(regionSpeed(HAND, 9.4).speed_m_per_s).toBeCloseTo(1.16692, 5);
    // mu = 40 * 10 / 50 = 8 kg; 260 N / sqrt(8 kg * 25 kN/m) = 260 / 447.214
    expect(regionSpeed(CHEST, 10).speed_m_per_s).toBeCloseTo(0.581378, 6);
  });

  it('stores the energy of the meeting in the region as a spring', () => {
    const rng = createRng(3, 'regions');
    for (let i = 0; i < 500; i++) {
      const [region, robot_kg] = [randomRegion(() => rng.uniform()), rng.range(0.5, 60)];
      const { transient_force_N: force, speed_m_per_s: v, reduced_mass_kg: mu } = regionSpeed(region, robot_kg);
      // Momentum is kept: what is left of the energy in the common motion of both is not in the spring.
      const m = region.effective_mass_kg;
      const lost = 0.5 * robot_kg * v ** 2 - (0.5 * (robot_kg * v) ** 2) / (robot_kg + m);
      expect(lost / (force ** 2 / (2 * region.stiffness_N_per_m)), JSON.stringify({ region, robot_kg })).toBeCloseTo(
        1,
        9,
      );
      expect(mu).toBeLessThan(Math.min(m, robot_kg));
    }
  });

  it('falls with the mass of either and with stiffness, and rises in proportion to the force', () => {
    const rng = createRng(4, 'regions');
    for (let i = 0; i < 500; i++) {
      const [region, robot_kg, more] = [randomRegion(() => rng.uniform()), rng.range(0.5, 60), rng.range(1.01, 5)];
      const speed = (changes: Partial<ContactRegion>, robot = robot_kg) =>
        regionSpeed({ ...region, ...changes }, robot).speed_m_per_s;
      const label = JSON.stringify({ region, robot_kg, more });
      expect(speed({}, more * robot_kg), label).toBeLessThan(speed({}));
      expect(speed({ effective_mass_kg: more * region.effective_mass_kg }), label).toBeLessThan(speed({}));
      expect(speed({ stiffness_N_per_m: more * region.stiffness_N_per_m }), label).toBeLessThan(speed({}));
      const stronger = { quasi_static_force_N: more * region.quasi_static_force_N };
      expect(speed(stronger) / speed({}), label).toBeCloseTo(more, 9);
      // However heavy the arm, the body alone is moved.
      const heaviest = region.quasi_static_force_N / Math.sqrt(region.effective_mass_kg * region.stiffness_N_per_m);
      expect(speed({ transient_factor: 1 }, 1e9) / heaviest, label).toBeCloseTo(1, 6);
    }
  });
});

describe('the speed that a table allows', () => {
  it('is that of the region that bears least, and never above 250 mm/s', () => {
    expect(contactSpeed(MADE_UP_TABLE, PANDA.model)).toMatchObject({ region: 'chest', speed_m_per_s: 0.25 });
    expect(MOST_CONTACT_SPEED_M_PER_S).toBe(0.25);
    const soft = { ...HAND, region: 'finger', quasi_static_force_N: 10 };
    for (const order of [[HAND, CHEST, soft] as const, [soft, CHEST, HAND] as const]) {
      const { region, speed_m_per_s, regions, robot_mass_kg } = contactSpeed(withRegions(...order), PANDA.model);
      expect(region).toBe('finger');
      expect(speed_m_per_s).toBe(regionSpeed(soft, robot_mass_kg).speed_m_per_s);
      expect(speed_m_per_s).toBe(Math.min(...regions.map((one) => one.speed_m_per_s)));
    }
  });

  it('takes half of all that the joints move, and the load', () => {
    const moving_kg = PANDA.model.mass.reduce((sum, mass) => sum + mass, 0);
    expect(contactSpeed(MADE_UP_TABLE, PANDA.model).robot_mass_kg).toBeCloseTo(moving_kg / 2 + 1, 12);
    const heavy = contactSpeed({ ...MADE_UP_TABLE, payload_kg: 30 }, PANDA.model).regions;
    contactSpeed(MADE_UP_TABLE, PANDA.model).regions.forEach((light, i) => {
      expect(heavy[i].speed_m_per_s).toBeLessThan(light.speed_m_per_s);
    });
  });
});

describe('a contact speed in an envelope', () => {
  it('is refused without a table, by the check and by the gate, and named with what is needed', () => {
    const { feasible, errors, contact } = checkEnvelope(touching(0.01), PANDA, 500);
    expect({ feasible, contact }).toEqual({ feasible: false, contact: null });
    expect(errors).toMatchObject([{ place: 'separation.contact_speed_m_per_s', value: 0.01, limit: 0 }]);
    expect(() => new SafetyGate(touching(0.01), PANDA, 500)).toThrow(
      /contact_speed_m_per_s 0\.01: needs contact_limits.*source.*own contact detection must be on.*; allowed: at most 0$/,
    );
    expect(checkEnvelope(touching(0), PANDA, 500)).toMatchObject({ feasible: true, contact: null });
  });

  it('is refused above what the table allows, also of a gate that is given another envelope', () => {
    const soft = withRegions({ ...HAND, quasi_static_force_N: 10 });
    const allowed = contactSpeed(soft, PANDA.model).speed_m_per_s;
    expect(allowed).toBeLessThan(0.2);
    const gate = new SafetyGate(touching(allowed, soft), PANDA, 500);
    for (const bad of [touching(1.001 * allowed, soft), touching(0.25, soft), touching(allowed)]) {
      expect(() => gate.setEnvelope(bad)).toThrow(/contact_speed_m_per_s/);
    }
    expect(() => gate.setEnvelope(touching(0.25, soft))).toThrow(
      /more than the hand bears \(made up for tests, edition 1\), and the arm's own contact detection must be on/,
    );
    expect(gate.envelope.separation?.contact_speed_m_per_s).toBe(allowed);
    expect(checkEnvelope(touching(0.25, MADE_UP_TABLE), PANDA, 500).feasible).toBe(true);
  });
});

describe('a table of what a body bears', () => {
  const { table } = MADE_UP_TABLE;
  const { transient_factor: _factor, ...bare } = HAND;

  it('is read as it is written', () => {
    expect(parseContactLimits(JSON.parse(JSON.stringify(table)))).toEqual(table);
  });

  it.each([
    ['no source', { ...table, source: ' ' }, /table\.json: source/],
    ['no regions', { ...table, regions: [] }, /table\.json: regions/],
    ['a region twice', { ...table, regions: [HAND, HAND] }, /regions: names a region twice/],
    ['neither force nor factor', { ...table, regions: [bare] }, /regions\.0\.transient_force_N: give either/],
    ['both', { ...table, regions: [{ ...HAND, transient_force_N: 300 }] }, /transient_force_N: give either/],
    ['a transient force below the other', { ...table, regions: [{ ...bare, transient_force_N: 9 }] }, /at least quasi/],
    ['a factor below one', { ...table, regions: [{ ...HAND, transient_factor: 0.5 }] }, /transient_factor/],
    ['no stiffness', { ...table, regions: [{ ...HAND, stiffness_N_per_m: 0 }] }, /regions\.0\.stiffness_N_per_m/],
    ['a mass of nothing', { ...table, regions: [{ ...HAND, effective_mass_kg: -1 }] }, /effective_mass_kg/],
    ['no number', { ...table, regions: [{ ...HAND, quasi_static_force_N: 'much' }] }, /quasi_static_force_N/],
    ['what is not known', { ...table, colour: 'red' }, /colour/],
  ])('with %s is refused at its place', (_name, value, message) => {
    expect(() => parseContactLimits(value, 'table.json')).toThrow(message);
  });
});

function randomRegion(uniform: () => number): ContactRegion {
  const between = (low: number, high: number) => low * (high / low) ** uniform();
  return {
    region: 'any',
    quasi_static_force_N: between(10, 300),
    transient_factor: between(1, 3),
    stiffness_N_per_m: between(5_000, 200_000),
    effective_mass_kg: between(0.2, 80),
  };
}
