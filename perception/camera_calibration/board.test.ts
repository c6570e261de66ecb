import { describe, expect, it } from 'vitest';
import { boardCorners, boardSvg, checkBoard, DEFAULT_BOARD, isDark } from './board.ts';

describe('board', () => {
  it('prints true to size: every dark square once, in millimetres', () => {
    for (const board of [DEFAULT_BOARD, { columns: 5, rows: 8, square_m: 0.0125 }]) {
      const svg = boardSvg(board);
      const squares = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"\/>/g)];
      expect(squares).toHaveLength(Math.ceil((board.columns * board.rows) / 2));
      const side = 1000 * board.square_m;
      for (const [, x, y, width, height] of squares) {
        expect([Number(width), Number(height)]).toEqual([side, side]);
        expect(isDark(Number(x) / side - 1, Number(y) / side - 1)).toBe(true);
      }
      const [, width, viewed] = /width="([\d.]+)mm".*viewBox="0 0 ([\d.]+) /.exec(svg) ?? [];
      expect(Number(width)).toBeCloseTo((board.columns + 2) * side, 9);
      expect(viewed).toBe(width);
    }
  });

  it('has its corners a square apart about its middle', () => {
    const corners = boardCorners(DEFAULT_BOARD);
    expect(corners).toHaveLength(80);
    expect(corners.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 12);
    expect(corners[2] - corners[0]).toBeCloseTo(0.025, 12);
    expect(corners[17] - corners[1]).toBeCloseTo(0.025, 12);
  });

  it('refuses boards that look alike turned round, and impossible ones', () => {
    expect(() => checkBoard({ columns: 8, rows: 6, square_m: 0.02 })).toThrow(/one odd and one even/);
    expect(() => checkBoard({ columns: 9, rows: 2, square_m: 0.02 })).toThrow(/from 4 to 40/);
    expect(() => checkBoard({ columns: 9, rows: 6, square_m: Number.NaN })).toThrow(/0\.001 m to 0\.5 m/);
  });
});
