import { expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { hostileTorques } from '../test/support/hostile_torques.ts';

const PANDA = loadRobot('panda');

it.each(Array.from({ length: 60 }, (_, seed) => seed))(
  'hostile torques of seed %d keep a measured arm in its limits',
  (seed) => {
    const rng = createRng(seed, 'kind of torques');
    const kind = {
      hold: 1 + rng.int(500),
      share: rng.range(0.2, 1),
      bang_bang: rng.uniform() < 0.5,
      mass_error: rng.uniform() < 0.5 ? 0 : 0.2,
    };
    const found = hostileTorques(PANDA, seed, 20_000, kind);
    const shown = `${JSON.stringify(kind)} ${JSON.stringify(found)}`;
    expect(found.velocity, shown).toBeLessThan(1.15);
    expect(found.beyond_rad, shown).toBe(0);
  },
);
