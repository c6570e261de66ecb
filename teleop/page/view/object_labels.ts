import { type Camera, Vector3 } from 'three';
import type { SeenObject } from '../../protocol/messages.ts';
import { type LabelBox, spreadLabels } from './spread_labels.ts';

const LIFT_M = 0.03;
const HEIGHT_PX = 24;
const CHARACTER_PX = 7.5;

interface Label extends LabelBox {
  readonly id: number;
  readonly button: HTMLButtonElement;
  readonly anchor: Vector3;
  x: number;
  where: string;
}

/** What an object is called on the page: class, colour and how sure. */
export function objectTitle(object: Pick<SeenObject, 'class' | 'colour' | 'score'>): string {
  return `${object.colour} ${object.class} ${Math.round(object.score * 100)} %`;
}

/** Names over the objects of a view, as buttons, so that each can be chosen by keyboard too. */
export class ObjectLabels {
  private readonly layer: HTMLElement;
  private readonly pressed: (id: number) => void;
  private readonly labels = new Map<number, Label>();
  private readonly order: Label[] = [];
  private readonly point = new Vector3();

  constructor(layer: HTMLElement, pressed: (id: number) => void) {
    this.layer = layer;
    this.pressed = pressed;
  }

  show(objects: readonly SeenObject[]): void {
    const present = new Set(objects.map(({ id }) => id));
    for (const [id, { button }] of this.labels) {
      if (present.has(id)) continue;
      button.remove();
      this.labels.delete(id);
    }
    for (const object of objects) this.showOne(object);
    this.order.splice(0, this.order.length, ...this.labels.values());
  }

  select(id: number | null): void {
    for (const label of this.labels.values()) label.button.setAttribute('aria-pressed', String(label.id === id));
  }

  /** Puts each over its object as this camera sees it, in a layer of this size in pixels. */
  place(camera: Camera, width: number, height: number): void {
    for (const label of this.order) {
      this.point.copy(label.anchor).project(camera);
      label.x = ((this.point.x + 1) / 2) * width;
      label.y = ((1 - this.point.y) / 2) * height - HEIGHT_PX / 2;
      label.button.hidden = this.point.z > 1 || Math.abs(this.point.x) > 1 || Math.abs(this.point.y) > 1;
    }
    spreadLabels(this.order);
    for (const label of this.order) {
      const where = `translate(${Math.round(label.x)}px, ${Math.round(label.y)}px) translate(-50%, -50%)`;
      if (where === label.where) continue;
      label.where = where;
      label.button.style.transform = where;
    }
  }

  private showOne(object: SeenObject): void {
    const text = objectTitle(object);
    let label = this.labels.get(object.id);
    if (label === undefined) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'object-label';
      button.setAttribute('aria-pressed', 'false');
      button.addEventListener('click', () => this.pressed(object.id));
      this.layer.append(button);
      const width = 20 + text.length * CHARACTER_PX;
      label = { id: object.id, button, anchor: new Vector3(), x: 0, y: 0, width, height: HEIGHT_PX, where: '' };
      this.labels.set(object.id, label);
    }
    if (label.button.textContent !== text) label.button.textContent = text;
    const [x, y, z] = object.pose.position;
    const { shape } = object;
    const half = shape.type === 'box' ? shape.size[2] / 2 : shape.type === 'cylinder' ? shape.length / 2 : shape.radius;
    label.anchor.set(x, y, z + half + LIFT_M);
  }
}
