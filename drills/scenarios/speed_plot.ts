import { type Html, html } from '../../datasets/index.ts';
import type { Sample } from './chronicle.ts';
import type { ScenarioRun } from './run_scenario.ts';

const WIDTH = 1000;
const HEIGHT = 90;

/** Speed of the tool over a run and, where somebody is tracked, how far away they are and how far they have to be. */
export function speedPlot({ samples, duration_s }: Pick<ScenarioRun, 'samples' | 'duration_s'>): Html {
  const fastest = Math.max(...samples.map(({ tool_speed_m_per_s }) => tool_speed_m_per_s), 1e-3);
  const farthest = Math.max(...samples.map(({ separation_m }) => separation_m ?? 0), 1e-3);
  const path = (value: (sample: Sample) => number | null, most: number) => {
    let pen = 'M';
    return samples
      .map((sample) => {
        const y = value(sample);
        const move = pen;
        pen = y === null ? 'M' : 'L';
        if (y === null) return '';
        const x = (WIDTH * sample.time_s) / duration_s;
        return `${move}${x.toFixed(1)} ${(HEIGHT * (1 - Math.min(1, y / most))).toFixed(1)}`;
      })
      .join('');
  };
  const tracked = samples.some(({ separation_m }) => separation_m !== null);
  const apart = `, distance of the person in green (to ${farthest.toFixed(1)} m), the least that is safe dashed in red`;
  return html`<figure><svg class="trace" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="speed of the tool">
<path d="${path((sample) => sample.tool_speed_m_per_s, fastest)}"/>${
    tracked
      ? html`<path class="apart" d="${path((sample) => sample.separation_m, farthest)}"/><path class="needed" d="${path((sample) => sample.protective_distance_m, farthest)}"/>`
      : null
  }</svg><figcaption>Speed of the tool in blue (to ${fastest.toFixed(2)} m/s)${tracked ? apart : ''}</figcaption></figure>`;
}
