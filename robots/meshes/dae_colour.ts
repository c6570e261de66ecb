import { childOf, type XmlElement } from '../xml.ts';

const SHADERS = ['phong', 'lambert', 'blinn', 'constant'];

/** Diffuse colour of a COLLADA effect (0..1), or null if it is a texture or none. */
export function colourOf(effect: XmlElement): readonly [number, number, number, number] | null {
  const profile = childOf(effect, 'profile_COMMON');
  const technique = profile && childOf(profile, 'technique');
  const shader = technique?.children.find(({ name }) => SHADERS.includes(name));
  const diffuse = shader && (childOf(shader, 'diffuse') ?? childOf(shader, 'emission'));
  const values = ((diffuse && childOf(diffuse, 'color'))?.text ?? '').trim().split(/\s+/).map(Number);
  if (values.length < 3 || !values.every((value) => Number.isFinite(value))) return null;
  const part = (k: number) => Math.min(1, Math.max(0, values[k]));
  return [part(0), part(1), part(2), values.length > 3 ? part(3) : 1];
}
