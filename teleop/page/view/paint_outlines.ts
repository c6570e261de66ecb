import type { SceneMessage } from '../../protocol/messages.ts';
import type { fitInside } from './hit_test.ts';

const LINE_PX = 2;
const TEXT_PX = 13;
const CHOSEN = '#00d0ff';
const SEEN = '#ffffff';
const SHADE = 'rgba(0, 0, 0, 0.72)';

/** Boxes with class, colour and confidence over a picture, in the pixels of the page; the chosen one stands out. */
export function paintOutlines(
  paper: CanvasRenderingContext2D,
  { boxes }: SceneMessage['outlines'][number],
  selected: number | null,
  { scale, left, top }: ReturnType<typeof fitInside>,
): void {
  paper.font = `600 ${TEXT_PX}px system-ui, sans-serif`;
  paper.textBaseline = 'bottom';
  for (const { id, box, colour, class: name, score } of boxes) {
    const x = left + box[0] * scale;
    const y = top + box[1] * scale;
    const chosen = id === selected;
    paper.lineWidth = LINE_PX + 2;
    paper.strokeStyle = SHADE;
    paper.strokeRect(x, y, box[2] * scale, box[3] * scale);
    paper.lineWidth = chosen ? LINE_PX + 1 : LINE_PX;
    paper.strokeStyle = chosen ? CHOSEN : SEEN;
    paper.strokeRect(x, y, box[2] * scale, box[3] * scale);
    const text = `${colour} ${name} ${Math.round(score * 100)} %`;
    const above = Math.max(TEXT_PX + 5, y - 2);
    paper.fillStyle = SHADE;
    paper.fillRect(x - 1, above - TEXT_PX - 3, paper.measureText(text).width + 6, TEXT_PX + 4);
    paper.fillStyle = chosen ? CHOSEN : SEEN;
    paper.fillText(text, x + 2, above);
  }
}
