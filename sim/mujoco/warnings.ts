import type { MainModule, MjData } from './module.ts';

/** What MuJoCo has warned of since its data was made, in words; null if nothing. It goes on stepping all the same. */
export function warningOf(mujoco: MainModule, data: MjData): string | null {
  const { mjtWarning } = mujoco;
  const kinds: readonly (readonly [number, string])[] = [
    [mjtWarning.mjWARN_INERTIA.value, 'the inertia matrix is close to singular at degree of freedom'],
    [mjtWarning.mjWARN_CONTACTFULL.value, 'contacts found no room; their number was'],
    [mjtWarning.mjWARN_CNSTRFULL.value, 'constraints found no room; their number was'],
    [mjtWarning.mjWARN_BADQPOS.value, 'positions are no longer finite or beyond 1e10 at entry'],
    [mjtWarning.mjWARN_BADQVEL.value, 'velocities are no longer finite or beyond 1e10 at degree of freedom'],
    [mjtWarning.mjWARN_BADQACC.value, 'accelerations are no longer finite or beyond 1e10 at degree of freedom'],
  ];
  const warnings = data.warning;
  for (const [kind, words] of kinds) {
    const warning = warnings.get(kind);
    if (warning === undefined) continue;
    const { number, lastinfo } = warning;
    warning.delete();
    if (number > 0) return `${words} ${lastinfo}`;
  }
  return null;
}
