import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { PieceFinder } from './piece_finder.ts';

const [WIDTH, HEIGHT] = [23, 17];
const LABELS = 3;

/** Pieces by spreading from pixel to pixel, without any haste. */
function piecesOf(labels: Int16Array): { label: number; pixels: number[] }[] {
  const left = new Set([...labels.keys()].filter((i) => labels[i] > 0));
  const pieces: { label: number; pixels: number[] }[] = [];
  for (const start of [...left]) {
    if (!left.delete(start)) continue;
    const pixels = [start];
    for (const i of pixels) {
      const u = i % WIDTH;
      const beside = [u > 0 ? i - 1 : -1, u < WIDTH - 1 ? i + 1 : -1, i - WIDTH, i + WIDTH];
      for (const j of beside) if (labels[j] === labels[start] && left.delete(j)) pixels.push(j);
    }
    pieces.push({ label: labels[start], pixels });
  }
  return pieces;
}

it('keeps of every label its largest piece and those nearly as large, whatever was seen before', () => {
  const seed = 3;
  const rng = createRng(seed).stream('pieces');
  const finder = new PieceFinder(WIDTH, HEIGHT);
  for (let trial = 0; trial < 120; trial++) {
    const density = rng.uniform();
    const labels = Int16Array.from({ length: WIDTH * HEIGHT }, () =>
      rng.uniform() < density ? 1 + rng.int(1 + rng.int(LABELS)) : 0,
    );
    const share = rng.uniform();
    const masks = finder.largest(labels, LABELS, share);
    const pieces = piecesOf(labels);
    for (let label = 1; label <= LABELS; label++) {
      const own = pieces.filter((piece) => piece.label === label);
      const most = Math.max(0, ...own.map(({ pixels }) => pixels.length));
      const wanted = own.filter(({ pixels }) => pixels.length >= share * most).flatMap(({ pixels }) => pixels);
      expect([...masks[label]], `seed ${seed} trial ${trial} label ${label}`).toEqual(wanted.sort((a, b) => a - b));
    }
  }
});
