import type { Obstacle } from '../../collision/index.ts';
import { InputError, type Pose } from '../../contracts/index.ts';
import { composePoses } from '../../dynamics/index.ts';
import type { PlanningScene, SceneOptions } from './planning_scene.ts';
import { type SceneShape, sceneObstacle, scenePose } from './scene_shapes.ts';

const COUNTS = { sphere: 1, box: 3, cylinder: 2, cone: 2, plane: 4 } as const;
const MOST = 1_000_000;

const isPrimitive = (word: string): word is keyof typeof COUNTS => Object.hasOwn(COUNTS, word);

/**
 * MoveIt's .scene text, as its PlanningScene writes it: a name, then objects, each `* name`, in the newer form its pose,
 * then its shapes with poses and colours, in the newer form subframes, and a last line `.`. Colours and subframes are read
 * over. Throws InputError with the line.
 */
export function parseSceneText(text: string, file: string, options: SceneOptions): PlanningScene {
  return new SceneText(text, file, options).read();
}

interface Word {
  readonly text: string;
  readonly line: number;
}

class SceneText {
  private readonly lines: readonly string[];
  private readonly file: string;
  private readonly options: SceneOptions;
  private line = 1;
  private words: Word[] = [];

  constructor(text: string, file: string, options: SceneOptions) {
    this.lines = text.split(/\r?\n/);
    this.file = file;
    this.options = options;
  }

  read(): PlanningScene {
    const obstacles: Obstacle[] = [];
    const first = this.lines.findIndex((line, i) => i > 0 && line.startsWith('*'));
    const newer = first >= 0 && (this.lines[first + 1] ?? '').trim().includes(' ');
    for (;;) {
      const marker = this.nextLine();
      if (marker.trim() === '.') break;
      if (!marker.startsWith('*')) this.refuse(`"${marker.trim().slice(0, 40)}"`, '* and a name, or . at the end');
      const name = marker.slice(1).trim();
      if (name === '') this.refuse('object without a name', 'write * NAME');
      obstacles.push(...this.object(name, newer));
      this.words = [];
    }
    return {
      name: this.lines[0].trim(),
      obstacles,
      attached: [],
      allowed: [],
      always_allowed: [],
      link_padding: {},
      joints: {},
    };
  }

  private object(name: string, newer: boolean): Obstacle[] {
    const { padding_m = 0 } = this.options;
    const object = newer ? this.pose(`object ${name}`) : IDENTITY;
    const obstacles: Obstacle[] = [];
    const shapes = this.count('number of shapes');
    for (let k = 0; k < shapes; k++) {
      const shape = this.shape(name);
      const place = `${this.file} line ${this.line}: object ${name}`;
      const pose = composePoses(object, this.pose(`object ${name}`));
      for (let c = 0; c < 4; c++) this.number('colour');
      obstacles.push(sceneObstacle(name, shape, pose, padding_m, place));
    }
    const subframes = newer ? this.count('number of subframes') : 0;
    for (let k = 0; k < subframes; k++) {
      this.word('name of a subframe');
      this.pose(`subframe of ${name}`);
    }
    return obstacles;
  }

  private shape(name: string): SceneShape {
    const { text } = this.word('a shape');
    if (isPrimitive(text)) {
      return { type: text, dimensions: Array.from({ length: COUNTS[text] }, () => this.number(`size of a ${text}`)) };
    }
    if (text !== 'mesh')
      this.refuse(`object ${name}: shape "${text}"`, `one of ${Object.keys(COUNTS).join(', ')}, mesh`);
    const vertices = this.count('number of vertices');
    const triangles = this.count('number of triangles');
    return {
      type: 'mesh',
      mesh: {
        type: 'mesh',
        vertices: Float64Array.from({ length: 3 * vertices }, () => this.number('vertex')),
        triangles: Uint32Array.from({ length: 3 * triangles }, () => this.count('corner of a triangle')),
      },
    };
  }

  private pose(what: string): Pose {
    const numbers = Array.from({ length: 7 }, () => this.number(`pose of ${what}`));
    return scenePose(numbers, `${this.file} line ${this.line}: ${what}`);
  }

  private count(what: string): number {
    const value = this.number(what);
    if (!Number.isInteger(value) || value < 0 || value > MOST)
      this.refuse(`${what} ${value}`, `an integer, 0 to ${MOST}`);
    return value;
  }

  private number(what: string): number {
    const { text } = this.word(what);
    const value = Number(text);
    if (!Number.isFinite(value)) this.refuse(`${what} "${text}"`, 'a finite number');
    return value;
  }

  private word(what: string): Word {
    while (this.words.length === 0) {
      const line = this.nextLine(what);
      this.words = (line.match(/\S+/g) ?? []).map((text) => ({ text, line: this.line })).reverse();
    }
    const word = this.words.pop();
    return word ?? this.refuse(`no ${what}`, 'the text ends too early');
  }

  /** The next line that is not empty. */
  private nextLine(what = '. or an object'): string {
    for (; this.line < this.lines.length; ) {
      const line = this.lines[this.line++];
      if (line.trim() !== '') return line;
    }
    return this.refuse(`ends before ${what}`, 'a scene ends with a line .');
  }

  private refuse(what: string, allowed: string): never {
    throw new InputError(`${this.file} line ${this.line}: ${what}`, allowed);
  }
}

const IDENTITY: Pose = { position: [0, 0, 0], orientation: [0, 0, 0, 1] };
