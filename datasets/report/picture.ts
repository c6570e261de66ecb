import type { AnnotatedImage } from '../run/run_record.ts';
import { type Html, html } from './escape.ts';
import { seconds } from './format.ts';

const SOURCES = {
  onnx: 'seen by the network',
  classical: 'seen by the classical detector',
  state: 'from the simulator’s state',
  none: 'nothing detected',
} as const;

/** A camera picture with what was detected drawn over it. */
export function picture(image: AnnotatedImage, caption: string): Html {
  const { width, height, jpeg, time_s, boxes, source } = image;
  const data = Buffer.from(jpeg).toString('base64');
  const what = boxes.length === 0 ? 'nothing' : boxes.map((box) => box.label).join(', ');
  return html`<figure class="picture">
<div class="frame" style="aspect-ratio:${width}/${height}">
<img src="data:image/jpeg;base64,${data}" width="${width}" height="${height}" alt="${`${caption}: ${what}`}" decoding="async">
<svg class="overlay" viewBox="0 0 ${width} ${height}" aria-hidden="true">${boxes.map((box) => overlay(box, width))}</svg>
</div>
<figcaption><b>${caption}</b> at ${seconds(time_s)} · ${SOURCES[source]}</figcaption>
</figure>`;
}

function overlay({ label, score, edges, image_box }: AnnotatedImage['boxes'][number], width: number): Html {
  const path = edges.map((edge) => `M${fixed(edge[0])} ${fixed(edge[1])}L${fixed(edge[2])} ${fixed(edge[3])}`).join('');
  const [left, top, box_width] = image_box;
  const text = `${label} ${score.toFixed(2)}`;
  const half = 2.75 * text.length;
  const x = Math.min(Math.max(left + box_width / 2, half + 2), width - half - 2);
  const y = Math.max(top - 4, 9);
  return html`<g class="detection"><path class="halo" d="${path}"/><path class="edge" d="${path}"/>${
    edges.length === 0 ? rectangle(image_box) : null
  }<text x="${fixed(x)}" y="${fixed(y)}" text-anchor="middle">${text}</text></g>`;
}

function rectangle([x, y, width, height]: readonly [number, number, number, number]): Html {
  return html`<rect class="edge" x="${fixed(x)}" y="${fixed(y)}" width="${fixed(width)}" height="${fixed(height)}"/>`;
}

const fixed = (value: number): string => (Number.isFinite(value) ? String(Math.round(value * 10) / 10) : '0');
