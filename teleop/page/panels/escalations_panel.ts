import type { EscalationView } from '../../protocol/messages.ts';
import { secondsLeft, words } from '../core/format.ts';
import type { Desk } from '../desk.ts';
import { make, section, setHidden, setText } from '../dom.ts';
import { request } from '../link/session.ts';
import type { PageState } from '../page_state.ts';
import type { Part } from '../parts.ts';

interface Card {
  readonly element: HTMLElement;
  readonly left: HTMLElement;
  readonly buttons: readonly HTMLButtonElement[];
  until_ms: number;
  over: boolean;
}

/**
 * Questions of the robot. A card never moves under the pointer: new ones come at the end, and the place of one that is over
 * stays empty until pointer and focus are elsewhere.
 */
export class EscalationsPanel implements Part {
  readonly element: HTMLElement;
  readonly every_ms = 200;
  private readonly desk: Desk;
  private readonly onCorrect: (question: string) => void;
  private readonly none = make('p', { class: 'quiet' }, 'The robot asks nothing.');
  private readonly list = make('ul', { id: 'questions', 'aria-label': 'Questions', 'aria-live': 'polite' });
  private readonly cards = new Map<string, Card>();

  /** @param onCorrect  the operator has something to say that is none of the answers */
  constructor(desk: Desk, onCorrect: (question: string) => void) {
    this.desk = desk;
    this.onCorrect = onCorrect;
    this.element = section('Questions', 'questions-panel', this.none, this.list);
  }

  draw({ escalations }: Readonly<PageState>, now_ms: number): void {
    const open = escalations?.message.open ?? [];
    for (const question of open) {
      const card = this.cards.get(question.id) ?? this.addCard(question);
      card.until_ms = (escalations?.at_ms ?? now_ms) + question.left_ms;
    }
    setHidden(this.none, this.list.childElementCount > 0);
    const busy = this.list.matches(':hover, :focus-within');
    for (const [id, card] of this.cards) {
      const listed = open.some((question) => question.id === id);
      const over = card.over || now_ms >= card.until_ms || !listed;
      if (over && !card.over) this.end(card);
      if (over && !busy) card.element.remove();
      if (!listed && !card.element.isConnected) this.cards.delete(id);
      if (!over) setText(card.left, `${secondsLeft(card.until_ms - now_ms)} left`);
      for (const each of card.buttons) this.desk.permit(each, 'answer');
    }
  }

  private end(card: Card): void {
    card.over = true;
    card.element.classList.add('gone');
    card.element.inert = true;
  }

  private addCard(question: EscalationView): Card {
    const left = make('p', { class: 'quiet' });
    const buttons = question.options.map((option) =>
      this.desk.button(words(option), () => void this.answer(question, option)),
    );
    buttons.push(this.desk.button('Something else is wrong…', () => this.onCorrect(question.id)));
    const asked = make('p', { class: 'quiet' }, `asked by ${question.asked_by}`);
    const body = make(
      'div',
      {},
      make('h3', {}, question.question),
      asked,
      make('div', { class: 'row' }, ...buttons),
      left,
    );
    const element = make('li', { class: 'card' }, body);
    if (question.picture) void this.addPicture(element, question);
    this.list.append(element);
    const card = { element, left, buttons, until_ms: Number.POSITIVE_INFINITY, over: false };
    this.cards.set(question.id, card);
    return card;
  }

  /** Its place is there from the start, so that nothing moves when the picture comes. */
  private async addPicture(card: HTMLElement, { id, question, image_box }: EscalationView): Promise<void> {
    const canvas = make('canvas', { role: 'img', 'aria-label': `Picture: ${question}`, width: '320', height: '240' });
    card.prepend(canvas);
    const response = await request(`/api/escalations/${encodeURIComponent(id)}/picture`).catch(() => null);
    if (response?.ok !== true) return;
    const picture = await createImageBitmap(await response.blob()).catch(() => null);
    const paper = canvas.getContext('2d');
    if (picture === null || paper === null) return;
    canvas.width = picture.width;
    canvas.height = picture.height;
    paper.drawImage(picture, 0, 0);
    picture.close();
    if (image_box.length < 4) return;
    for (const [colour, width] of [
      ['#000', 5],
      ['#fff', 2],
    ] as const) {
      paper.strokeStyle = colour;
      paper.lineWidth = width;
      paper.strokeRect(image_box[0], image_box[1], image_box[2], image_box[3]);
    }
  }

  private async answer({ id, frame_sha256, model }: EscalationView, answer: string): Promise<void> {
    const reply = await this.desk.ask('Answer', { type: 'answer', escalation: id, answer, frame_sha256, model });
    const card = this.cards.get(id);
    if (reply.ok && card !== undefined) this.end(card);
  }
}
