import {
  COLOURS,
  type Colour,
  InputError,
  OBJECT_CLASSES,
  type ObjectClass,
  type Pose,
  type Shape,
} from '../../contracts/index.ts';
import type { SceneObject } from '../../sim/index.ts';
import { NOMINAL_RGB } from '../../sim/index.ts';

const DEFAULTS = { size_m: 0.045, mass_kg: 0.15, friction: 0.7 } as const;
/** What a gripper of this size, or a table of this size, can have to do with. */
const SIZE_M = [0.005, 0.5] as const;
const MASS_KG = [0.001, 20] as const;
const FRICTION = [0, 5] as const;
const SCHEME = 'surepick:';

/** Every class in every colour, as SpawnEntity takes them. */
export const SPAWNABLES: readonly { readonly uri: string; readonly description: string }[] = OBJECT_CLASSES.flatMap(
  (kind) =>
    COLOURS.map((colour) => ({
      uri: `${SCHEME}//${kind}/${colour}`,
      description:
        kind === 'box'
          ? `${colour} box; ?size=X,Y,Z (m) &mass=KG &friction=COEFFICIENT, by default ${DEFAULTS.size_m} m and ${DEFAULTS.mass_kg} kg`
          : `${colour} cylinder, axis along z; ?diameter=M &length=M &mass=KG &friction=COEFFICIENT`,
    })),
);

/** The object that a URI describes, at `pose` of its centre. Throws InputError that says what no object has. */
export function spawnedObject(uri: string, name: string, pose: Pose): SceneObject {
  const [path, query = ''] = uri.replace(/^surepick:\/\//, '').split('?');
  const [kind, colour, ...rest] = path.split('/');
  if (!isClass(kind) || !isColour(colour) || rest.length > 0) {
    throw new InputError(
      `uri "${uri}"`,
      `${SCHEME}//CLASS/COLOUR with ${OBJECT_CLASSES.join(', ')} and ${COLOURS.join(', ')}`,
    );
  }
  const given = new Map([...new URLSearchParams(query)]);
  const shape = shapeOf(kind, given, uri);
  const mass_kg = number(given, 'mass', DEFAULTS.mass_kg, MASS_KG, uri);
  const friction = number(given, 'friction', DEFAULTS.friction, FRICTION, uri);
  const [unknown] = given.keys();
  if (unknown !== undefined) {
    const shapes = kind === 'box' ? 'size' : 'diameter, length';
    throw new InputError(`"${unknown}" of uri "${uri}"`, `${shapes}, mass, friction`);
  }
  return { name, class: kind, colour, shape, mass_kg, friction, pose, rgb: NOMINAL_RGB[colour] };
}

function shapeOf(kind: ObjectClass, given: Map<string, string>, uri: string): Shape {
  const { size_m } = DEFAULTS;
  switch (kind) {
    case 'box': {
      const sizes = (given.get('size') ?? `${size_m},${size_m},${size_m}`).split(',').map(Number);
      given.delete('size');
      if (sizes.length !== 3 || !sizes.every((x) => x >= SIZE_M[0] && x <= SIZE_M[1])) {
        throw new InputError(`size of uri "${uri}"`, `three numbers from ${SIZE_M[0]} to ${SIZE_M[1]} m`);
      }
      return { type: 'box', size: [sizes[0], sizes[1], sizes[2]] };
    }
    case 'cylinder':
      return {
        type: 'cylinder',
        radius: 0.5 * number(given, 'diameter', size_m, SIZE_M, uri),
        length: number(given, 'length', size_m, SIZE_M, uri),
      };
  }
}

/** Takes a number out of what is given. */
function number(
  given: Map<string, string>,
  key: string,
  otherwise: number,
  [least, most]: readonly [number, number],
  uri: string,
): number {
  const text = given.get(key);
  if (text === undefined) return otherwise;
  given.delete(key);
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= least && value <= most))
    throw new InputError(`${key} ${text} of uri "${uri}"`, `from ${least} to ${most}`);
  return value;
}

function isClass(name: string): name is ObjectClass {
  return OBJECT_CLASSES.some((known) => known === name);
}

function isColour(name: string | undefined): name is Colour {
  return COLOURS.some((known) => known === name);
}
