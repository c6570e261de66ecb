import type { CommandOf } from '../../protocol/commands.ts';
import type { EscalationView, SceneMessage } from '../../protocol/messages.ts';
import type { PictureCamera } from '../../protocol/pictures.ts';

/** Something that was seen and that a person may speak against. */
export interface Correctable {
  /** The same from scene to scene while as many of its kind are seen. */
  readonly key: string;
  readonly label: string;
  /** Left, top, width, height in pixels of its picture. */
  readonly box: readonly number[];
  readonly about: CommandOf<'correct'>['about'];
  /** Where its outline is drawn; null for a question, which has a picture of its own. */
  readonly outline: { readonly camera: PictureCamera; readonly id: number } | null;
}

/** Open questions, then the outlines of each camera from the left to the right. */
export function correctables(
  outlines: SceneMessage['outlines'],
  questions: readonly Pick<EscalationView, 'id' | 'question' | 'frame_sha256' | 'model' | 'image_box'>[],
): readonly Correctable[] {
  return [
    ...questions.map(({ id, question, frame_sha256, model, image_box }) => {
      const about = { kind: 'question', escalation: id, frame_sha256, model } as const;
      return { key: questionKey(id), label: `Question: ${question}`, box: image_box, about, outline: null };
    }),
    ...outlines.flatMap(({ camera, stamp_ms, boxes }) => {
      const counts = new Map<string, number>();
      return [...boxes]
        .sort((a, b) => a.box[0] - b.box[0])
        .map(({ id, class: name, colour, box }) => {
          const kind = `${colour} ${name}`;
          const nth = (counts.get(kind) ?? 0) + 1;
          counts.set(kind, nth);
          const about = { kind: 'outline', camera, stamp_ms, object: id } as const;
          const label = `${camera}: ${kind}${nth === 1 ? '' : ` (${nth} from the left)`}`;
          return { key: `${camera}/${kind}/${nth}`, label, box, about, outline: { camera, id } };
        });
    }),
  ];
}

export function questionKey(id: string): string {
  return `question/${id}`;
}
