import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { InterventionLog } from '../intervention_log.ts';
import { EFFECTS, REASONS, reasonBit } from '../reasons.ts';
import type { AuditEvent } from './event.ts';
import { InterventionWatch } from './intervention_watch.ts';

function watched() {
  const interventions = new InterventionLog();
  const gate: { interventions: InterventionLog; source: 'trajectory' | 'servo' | 'policy' | 'none' } = {
    interventions,
    source: 'servo',
  };
  const told: AuditEvent[] = [];
  const watch = new InterventionWatch(gate, { record: (event) => void told.push(event) });
  return { interventions, gate, told, watch };
}

it('tells an intervention once it is over, with who asked when it began', () => {
  const { interventions, gate, told, watch } = watched();
  const cycle = (t_s: number, effect: number, reasons: number) => {
    interventions.note(t_s, effect, reasons);
    watch.look();
  };
  cycle(0.1, 1, reasonBit('velocity'));
  gate.source = 'policy';
  cycle(0.2, 1, reasonBit('velocity') | reasonBit('obstacle'));
  expect(told).toEqual([]);
  cycle(0.3, 0, 0);
  expect(told).toEqual([
    {
      kind: 'intervention',
      rule: 'gate.velocity',
      inputs: {
        start_s: 0.1,
        end_s: 0.2,
        cycles: 2,
        effect: 'limit',
        reasons: ['velocity', 'obstacle'],
        source: 'servo',
      },
      outcome: 'followed as far as allowed',
    },
  ]);
  // A graver effect ends the one before.
  cycle(0.4, 1, reasonBit('jerk'));
  cycle(0.5, 3, reasonBit('overload'));
  expect(told.map(({ rule }) => rule)).toEqual(['gate.velocity', 'gate.jerk']);
  expect(told[1].inputs.source).toBe('policy');
  watch.finish();
  watch.finish();
  expect(told).toHaveLength(3);
  expect(told[2]).toMatchObject({ rule: 'gate.overload', outcome: 'goes on', inputs: { cycles: 1 } });
});

it('tells every intervention of a random course exactly once and in order', () => {
  const rng = createRng(17);
  for (let trial = 0; trial < 20; trial++) {
    const { interventions, told, watch } = watched();
    for (let k = 0; k < 400; k++) {
      const effect = rng.uniform() < 0.5 ? 0 : rng.int(EFFECTS.length);
      interventions.note(k / 500, effect, effect === 0 ? 0 : 1 << rng.int(REASONS.length));
      if (rng.uniform() < 0.7) watch.look();
    }
    watch.finish();
    expect({ trial, starts: told.map(({ inputs }) => inputs.start_s) }).toEqual({
      trial,
      starts: interventions.list().map(({ start_s }) => start_s),
    });
    expect(told.map(({ inputs }) => inputs.effect)).toEqual(interventions.list().map(({ effect }) => effect));
  }
});
