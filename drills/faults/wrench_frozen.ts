import { createRng, TOPICS, type Vector3, type Wrench } from '../../contracts/index.ts';
import type { Drill } from '../drill.ts';

const NOISE_N = 0.2;
const NOISE_Nm = 0.01;

/** A sensor with the noise that real ones have, whose driver then repeats its last reading under new stamps. */
export const wrench_frozen: Drill = {
  name: 'wrench_frozen',
  title: 'the sensor at the wrist repeats one reading',
  declared: 'wrench_frozen',
  moment: 'moving',
  says: /has not changed/,
  lasting: true,
  embedded: ({ wires, nodeOf }) => {
    const rng = createRng(1).stream('noise of a drilled wrench');
    const noisy = (vector: Vector3, sigma: number): Vector3 => {
      const [x, y, z] = vector.map((value) => value + sigma * rng.normal());
      return [x, y, z];
    };
    let frozen = false;
    let last: Wrench | null = null;
    wires.change(TOPICS.wrench, { node: nodeOf('safety'), way: 'hears' }, (wrench) => {
      if (frozen && last !== null) return { ...last, stamp_ns: wrench.stamp_ns };
      last = { ...wrench, force: noisy(wrench.force, NOISE_N), torque: noisy(wrench.torque, NOISE_Nm) };
      return last;
    });
    return {
      begin: () => {
        frozen = true;
      },
      end: () => {
        frozen = false;
      },
    };
  },
};
