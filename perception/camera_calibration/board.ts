import { InputError } from '../../contracts/index.ts';

/** A chequerboard that is printed true to size. One number of squares is odd and one even, so that it has no symmetry. */
export interface Board {
  /** Squares along x and along y. */
  readonly columns: number;
  readonly rows: number;
  readonly square_m: number;
}

/** Fits on A4 with a white border of a square's width. */
export const DEFAULT_BOARD: Board = { columns: 9, rows: 6, square_m: 0.025 };

const LEAST_SQUARES = 4;
const MOST_SQUARES = 40;

/** @throws InputError for a board that cannot be told from itself turned round, or that nobody can print */
export function checkBoard(board: Board): Board {
  const { columns, rows, square_m } = board;
  const what = `board of ${columns} by ${rows} squares of ${square_m} m`;
  const counts = [columns, rows];
  if (!counts.every((n) => Number.isInteger(n) && n >= LEAST_SQUARES && n <= MOST_SQUARES)) {
    throw new InputError(what, `from ${LEAST_SQUARES} to ${MOST_SQUARES} whole squares along each side`);
  }
  if ((columns + rows) % 2 === 0) {
    throw new InputError(what, 'one odd and one even number of squares: other boards look alike turned by 180°');
  }
  if (!(square_m >= 0.001 && square_m <= 0.5)) throw new InputError(what, 'squares from 0.001 m to 0.5 m');
  return board;
}

/** Inner corners of the board in its frame, x and y two each (m), row by row; the frame is in its middle, x along columns. */
export function boardCorners({ columns, rows, square_m }: Board): Float64Array {
  const across = columns - 1;
  const points = new Float64Array(2 * across * (rows - 1));
  for (let i = 0; i < points.length / 2; i++) {
    points[2 * i] = ((i % across) + 1 - columns / 2) * square_m;
    points[2 * i + 1] = (Math.floor(i / across) + 1 - rows / 2) * square_m;
  }
  return points;
}

/** True for the dark squares, counted from 0 at the corner of least x and y, which is dark. */
export function isDark(column: number, row: number): boolean {
  return (column + row) % 2 === 0;
}

/** The board as SVG in millimetres, with a white border of a square's width and a rule to check the print by. */
export function boardSvg(board: Board): string {
  const { columns, rows, square_m } = checkBoard(board);
  const mm = (m: number) => Number((1000 * m).toFixed(6));
  const s = mm(square_m);
  const width = mm((columns + 2) * square_m);
  const height = mm((rows + 2) * square_m) + 12;
  const squares: string[] = [];
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      // The picture's y goes down as the board's does: its z axis points into the paper.
      if (isDark(i, j))
        squares.push(`<rect x="${mm((i + 1) * square_m)}" y="${mm((j + 1) * square_m)}" width="${s}" height="${s}"/>`);
    }
  }
  const rule = mm((rows + 2) * square_m) + 4;
  const length = 100;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}mm" height="${height}mm" viewBox="0 0 ${width} ${height}">
<rect width="${width}" height="${height}" fill="#fff"/>
<g fill="#000">
${squares.join('\n')}
</g>
<path d="M${s} ${rule - 2}v4M${s} ${rule}h${length}M${s + length} ${rule - 2}v4" stroke="#000" stroke-width="0.2" fill="none"/>
<text x="${s}" y="${rule + 6}" font-family="sans-serif" font-size="4">${length} mm when printed at 100 %. ${columns} × ${rows} squares of ${s} mm</text>
</svg>
`;
}
