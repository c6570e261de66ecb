import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { pictureOfBoard } from '../../test/support/board_pictures.ts';
import { drawView, rigid, see } from '../../test/support/camera_geometry.ts';
import { askOpenCv, openCv } from '../../test/support/opencv.ts';
import { requirePeer } from '../../test/support/peer.ts';
import { sweep } from '../../test/support/sweep.ts';
import { boardCorners, DEFAULT_BOARD } from './board.ts';
import type { GreyImage } from './chess_response.ts';
import { findBoard } from './find_board.ts';
import { compose } from './rigid_transform.ts';

const BOARD = DEFAULT_BOARD;
const CORNERS = boardCorners(BOARD);
const LENS = Float64Array.of(343, 343, 159.5, 119.5, 0.01, 0, 0, 0, 0);
const SIZE = { width: 320, height: 240 };

/** Pictures of boards that are whole in them, and where their corners truly are. */
function draw(seed: number, noise = 2.5) {
  const rng = createRng(seed, 'board');
  for (;;) {
    const T = drawView(rng, 0.7, [0.4, 0.7]);
    const { pixels } = see(LENS, T, CORNERS, rng, 0);
    const whole = pixels.every((value, i) => value > 12 && value < (i % 2 === 0 ? SIZE.width : SIZE.height) - 12);
    if (whole) return { T, pixels, image: pictureOfBoard(BOARD, LENS, T, SIZE.width, SIZE.height, rng, noise) };
  }
}

function rms(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum / a.length);
}

const changed = (image: GreyImage, change: (value: number, u: number, v: number) => number): GreyImage => ({
  ...image,
  data: image.data.map((value, i) => change(value, i % image.width, Math.floor(i / image.width))),
});

describe('board in a picture', () => {
  it('is found with every corner in its order, to a twentieth of a pixel, and says how well', () => {
    for (let seed = 0; seed < sweep(4, 100); seed++) {
      const { image, pixels } = draw(seed);
      const seen = findBoard(image, BOARD);
      if (!seen.found) throw new Error(`seed ${seed}: ${seen.reason}`);
      const error = rms(seen.view.pixels, pixels);
      expect(error, `seed ${seed}`).toBeLessThan(0.05);
      expect(seen.sigma_px, `seed ${seed}`).toBeGreaterThan(0.4 * error);
      expect(seen.sigma_px, `seed ${seed}`).toBeLessThan(3 * error);
    }
  });

  it('is found as well as by OpenCV where both find it', async (ctx) => {
    const environment = await openCv();
    requirePeer(ctx, 'opencv', 'missing' in environment ? environment.missing : '', 'python' in environment);
    if (!('python' in environment)) return;
    const cases = Array.from({ length: sweep(4, 60) }, (_, seed) => draw(200 + seed));
    const asked = cases.map(({ image }) => ({
      ...{ kind: 'corners', pattern: [BOARD.columns - 1, BOARD.rows - 1], window: 4 },
      ...{ width: image.width, height: image.height, grey: [...image.data] },
    }));
    const peers = await askOpenCv(environment.python, asked);
    let ours = 0;
    let theirs = 0;
    cases.forEach(({ image, pixels }, i) => {
      const peer = peers[i];
      const seen = findBoard(image, BOARD);
      if (!Array.isArray(peer) || !seen.found) return;
      ours += rms(seen.view.pixels, pixels);
      // OpenCV does not tell a board from the same turned round.
      const turned = peer.map((_, k) => peer[peer.length - 2 - (k & ~1) + (k & 1)]);
      theirs += Math.min(rms(peer, pixels), rms(turned, pixels));
    });
    expect(ours).toBeGreaterThan(0);
    expect(ours).toBeLessThan(1.1 * theirs);
  }, 300_000);

  it('is told from the same turned by 180°', () => {
    const { T, image } = draw(3);
    const turned = compose(T, rigid([0, 0, Math.PI], [0, 0, 0]));
    const rng = createRng(1, 'turned');
    const { pixels } = see(LENS, turned, CORNERS, rng, 0);
    const again = findBoard(pictureOfBoard(BOARD, LENS, turned, image.width, image.height, rng, 2), BOARD);
    expect(again.found && rms(again.view.pixels, pixels)).toBeLessThan(0.05);
  });

  it('is not found, with the reason, when it is covered, cut off, blurred, dark, or another', () => {
    for (let seed = 0; seed < sweep(2, 40); seed++) {
      const { image, pixels } = draw(seed);
      const corner = 2 * createRng(seed, 'corner').int(40);
      const [x, y] = [pixels[corner], pixels[corner + 1]];
      const covered = changed(image, (value, u, v) => (Math.hypot(u - x, v - y) < 9 ? 90 : value));
      const cut = changed(image, (value, u) => (u < Math.max(x, 160) ? 90 : value));
      const dark = changed(image, (value) => Math.round(value / 40));
      for (const [what, picture] of Object.entries({ covered, cut, dark, blurred: blurred(image, 9) })) {
        const seen = findBoard(picture, BOARD);
        expect(seen.found, `${what}, seed ${seed}`).toBe(false);
        expect(seen.found ? '' : seen.reason, what).toMatch(/covered|cut off|contrast|blurred|no corner|flat/);
      }
      expect(findBoard(image, { ...BOARD, columns: 7 }).found, `seed ${seed}`).toBe(false);
    }
  });

  it('is found nowhere in noise', () => {
    const rng = createRng(9, 'noise');
    const data = Float32Array.from({ length: SIZE.width * SIZE.height }, () => 255 * rng.uniform());
    expect(findBoard({ ...SIZE, data }, BOARD).found).toBe(false);
  });
});

function blurred(image: GreyImage, radius: number): GreyImage {
  return changed(image, (_, u, v) => {
    let sum = 0;
    let count = 0;
    for (let y = Math.max(0, v - radius); y <= Math.min(image.height - 1, v + radius); y += 2) {
      for (let x = Math.max(0, u - radius); x <= Math.min(image.width - 1, u + radius); x += 2) {
        sum += image.data[y * image.width + x];
        count++;
      }
    }
    return sum / count;
  });
}
