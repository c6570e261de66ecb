/** A seeded stream of random numbers. Equal seeds and names give equal streams on every machine. */
export interface Rng {
  /** Uniform in [0, 1), 32 bits of resolution. */
  uniform(): number;
  /** Uniform in [low, high). */
  range(low: number, high: number): number;
  /** Uniform integer in [0, n). */
  int(n: number): number;
  /** Standard normal (Box and Muller, 1958). */
  normal(): number;
  /** An independent stream named within this one; does not advance this one. */
  stream(name: string): Rng;
}

/** Creates the root stream of a seed. Sub-streams (`rng.stream('episode/7')`) keep consumers from disturbing each other. */
export function createRng(seed: number, name = ''): Rng {
  return new Sfc32(fnv1a(`${seed}|${name}`), seed, name);
}

/** FNV-1a, 32 bit: spreads a name over the state of a stream. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** sfc32 by Chris Doty-Humphrey (PractRand): 128 bits of state, no multiplications. */
class Sfc32 implements Rng {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;
  private spare = Number.NaN;
  private readonly seed: number;
  private readonly name: string;

  constructor(key: number, seed: number, name: string) {
    this.seed = seed;
    this.name = name;
    this.a = key | 0;
    this.b = seed | 0;
    this.c = Math.floor(seed / 2 ** 32) | 0;
    for (let i = 0; i < 15; i++) this.next();
  }

  private next(): number {
    const t = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11);
    this.c = (this.c + t) | 0;
    return t >>> 0;
  }

  uniform(): number {
    return this.next() / 2 ** 32;
  }

  range(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  int(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  normal(): number {
    if (!Number.isNaN(this.spare)) {
      const value = this.spare;
      this.spare = Number.NaN;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  stream(name: string): Rng {
    return createRng(this.seed, `${this.name}/${name}`);
  }
}
