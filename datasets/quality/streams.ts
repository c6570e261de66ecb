import type { EpisodeSeries } from '../recording/series.ts';

/** Stamps of one signal; `logged_s` null where only stamps are kept. */
export interface Stream {
  readonly name: string;
  readonly kind: 'joints' | 'wrench' | 'pictures';
  readonly time_s: Float64Array;
  readonly logged_s: Float64Array | null;
}

/** Every signal of an episode that has stamps. */
export function streamsOf({ joints, command, wrench, pictures }: EpisodeSeries): readonly Stream[] {
  return [
    ...(joints === null ? [] : [{ name: 'joint states', kind: 'joints', ...stamps(joints) } as const]),
    ...(command === null ? [] : [{ name: 'joint commands', kind: 'joints', ...stamps(command) } as const]),
    ...(wrench === null ? [] : [{ name: 'wrench', kind: 'wrench', time_s: wrench.time_s, logged_s: null } as const]),
    ...pictures.map((of) => ({ name: `${of.camera} ${of.kind}`, kind: 'pictures', ...stamps(of) }) as const),
  ];
}

const stamps = ({ time_s, logged_s }: { readonly time_s: Float64Array; readonly logged_s: Float64Array }) => ({
  time_s,
  logged_s,
});
