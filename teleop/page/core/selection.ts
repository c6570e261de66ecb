import type { SceneMessage, SeenObject } from '../../protocol/messages.ts';

type Kind = Pick<SeenObject, 'class' | 'colour'>;
type Box = SceneMessage['outlines'][number]['boxes'][number];

const alike = (a: Kind, b: Kind) => a.class === b.class && a.colour === b.colour;

/** The chosen object as it is seen now: numbers may be given anew, so the nearest of its kind is it; null for none. */
export function seenAgain(chosen: SeenObject, objects: readonly SeenObject[]): SeenObject | null {
  const distance = ({ pose }: SeenObject) => Math.hypot(...pose.position.map((x, i) => x - chosen.pose.position[i]));
  const [nearest = null] = objects.filter((each) => alike(each, chosen)).sort((a, b) => distance(a) - distance(b));
  return nearest;
}

/** The object that an outline in a picture shows; each camera has numbers of its own. */
export function objectOf(box: Box | undefined, objects: readonly SeenObject[]): SeenObject | null {
  if (box === undefined) return null;
  const same = objects.filter((each) => alike(each, box));
  return same.find(({ id }) => id === box.id) ?? same[0] ?? null;
}

/** The number of an object's outline in a picture; null where there is none. */
export function outlineOf(chosen: SeenObject | null, boxes: readonly Box[]): number | null {
  if (chosen === null) return null;
  const same = boxes.filter((each) => alike(each, chosen));
  return (same.find(({ id }) => id === chosen.id) ?? same[0])?.id ?? null;
}
