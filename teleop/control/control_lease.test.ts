import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { ControlLease, type HeldLease, type LeaseLoss, type Operator, sameOperator } from './control_lease.ts';

const page = (user: string, tab: number): Operator => ({ session: `s-${user}`, tab: `tab-${user}-${tab}`, user });
const ADA = page('ada', 1);
const ADA_TWICE = page('ada', 2);
const BOB = page('bob', 1);
const EVE = page('eve', 1);
const PAGES = [ADA, ADA_TWICE, BOB, page('bob', 2)];

function leaseOf(epochs = counting()) {
  const lost: LeaseLoss[] = [];
  const refused: string[] = [];
  const lease = new ControlLease({
    ...{ scope: 'panda', epochs },
    onLost: (_, why) => lost.push(why),
    onRefused: ({ user }, why) => refused.push(`${user}: ${why}`),
  });
  return { lease, lost, refused };
}

function counting(first = 1) {
  let epoch = first - 1;
  return { next: () => ++epoch };
}

function taken() {
  const rig = leaseOf();
  rig.lease.take(ADA, 0);
  rig.lease.step(0, true);
  return rig;
}

describe('the control lease', () => {
  it('goes to one page; a duplicated tab of the same session is another', () => {
    const { lease } = taken();
    const { epoch = 0 } = lease.lease ?? {};
    expect(lease.permits(ADA, epoch, 0)).toBe(true);
    expect(lease.permits(ADA_TWICE, epoch, 0)).toBe(false);
    expect(lease.permits(ADA, epoch - 1, 0)).toBe(false);
    expect(lease.permits(ADA, epoch + 1, 0)).toBe(false);
    expect(lease.take(ADA_TWICE, 0)).toBe('ada is in control; request it');
    expect(lease.take(ADA, 0)).toBe('you are in control already');
    expect(lease.snapshot(ADA)).toMatchObject({ yours: true, holder: ADA, request: null });
    expect(lease.snapshot(ADA_TWICE).yours).toBe(false);
    expect(lease.snapshot(null).yours).toBe(false);
  });

  it('is granted only once the arm stands still, and not in the turn in which it was lost', () => {
    const { lease, lost } = taken();
    lease.request(BOB, 0);
    lease.hear(BOB, 1000);
    lease.grant(ADA);
    expect(lost).toEqual(['handed_over']);
    expect(lease.lease).toBeNull();
    lease.step(1000, false);
    expect(lease.lease).toBeNull();
    lease.step(1010, true);
    expect(lease.lease?.operator).toEqual(BOB);
  });

  it('is followed after five seconds without a refusal, in two turns', () => {
    const { lease, lost } = taken();
    expect(lease.request(BOB, 100)).toBe('');
    expect(lease.request(EVE, 200)).toBe('bob has asked already');
    expect(lease.snapshot(ADA).request).toEqual({ user: 'bob', session: 's-bob', until_ms: 5100 });
    for (let t = 100; t < 5100; t += 100) {
      for (const one of [ADA, BOB]) lease.hear(one, t);
      lease.step(t, true);
      expect(sameOperator(lease.lease?.operator ?? null, ADA)).toBe(true);
    }
    lease.step(5100, true);
    expect(lost).toEqual(['not_refused']);
    expect(lease.lease).toBeNull();
    lease.step(5110, true);
    expect(lease.lease?.operator).toEqual(BOB);
  });

  it('stays where it is when the request is refused, by the page in control alone', () => {
    const { lease, refused } = taken();
    lease.request(BOB, 0);
    expect(lease.refuse(BOB)).toBe('you are not in control');
    expect(lease.grant(ADA_TWICE)).toBe('you are not in control');
    expect(lease.refuse(ADA)).toBe('');
    expect(refused).toEqual(['bob: ada keeps control']);
    expect(lease.refuse(ADA)).toBe('nobody asks for control');
    expect(lease.lease?.operator).toEqual(ADA);
  });

  it('is lost with silence, with the session, and when it is given up', () => {
    for (const [end, why] of [
      [(lease: ControlLease) => lease.step(2000, true), 'silent'],
      [(lease: ControlLease) => lease.endSession('s-ada'), 'session_ended'],
      [(lease: ControlLease) => lease.release(ADA), 'released'],
      [(lease: ControlLease) => lease.takeBack(), 'taken_back'],
    ] as const) {
      const { lease, lost } = taken();
      const epoch = lease.lease?.epoch ?? 0;
      lease.endSession('s-bob');
      lease.step(1999, true);
      expect(lost).toEqual([]);
      end(lease);
      expect(lost).toEqual([why]);
      expect(lease.permits(ADA, epoch, 0)).toBe(false);
    }
  });

  it('permits nobody who is silent, though nobody has looked since', () => {
    const { lease } = taken();
    const epoch = lease.lease?.epoch ?? 0;
    expect(lease.permits(ADA, epoch, 1999)).toBe(true);
    expect(lease.permits(ADA, epoch, 2000)).toBe(false);
  });

  it('is not granted to whoever is gone while the arm comes to rest', () => {
    const { lease, refused } = leaseOf();
    lease.take(ADA, 0);
    expect(lease.take(BOB, 0)).toBe('ada is about to be in control');
    lease.step(2000, false);
    lease.step(2010, true);
    expect(lease.lease).toBeNull();
    expect(refused).toEqual(['ada: not heard of any more']);
  });

  it('is not granted under an epoch that cannot be kept', () => {
    let full = false;
    const { next } = counting();
    const epochs = {
      next: () => {
        if (full) throw new Error('the disk is full');
        return next();
      },
    };
    const { lease, refused } = leaseOf(epochs);
    full = true;
    lease.take(ADA, 0);
    lease.step(0, true);
    expect(lease.lease).toBeNull();
    expect(refused).toEqual(['ada: the disk is full']);
  });
});

/** One random life: pages that ask, fall silent and come back, an arm that moves and rests, a server that starts anew. */
class Life {
  private readonly rng: Rng;
  private readonly epochs = counting();
  private now_ms = 0;
  private standstill = true;
  private readonly present = new Set<Operator>(PAGES);
  private readonly grants: HeldLease[] = [];
  private readonly over = new Set<number>();
  private lease = this.start();

  constructor(seed: number) {
    this.rng = createRng(seed, 'lease');
  }

  private start(): ControlLease {
    for (const { epoch } of this.grants) this.over.add(epoch);
    return new ControlLease({
      ...{ scope: 'panda', epochs: this.epochs },
      onLost: ({ epoch }) => this.over.add(epoch),
      onGranted: (lease) => {
        if (!this.standstill) throw new Error('granted while the arm moves');
        if (this.grants.some(({ epoch }) => !this.over.has(epoch))) throw new Error('granted beside another');
        if (this.grants.some(({ epoch }) => epoch >= lease.epoch))
          throw new Error(`epoch ${lease.epoch} does not rise`);
        this.grants.push(lease);
      },
    });
  }

  step(): void {
    const { rng, lease } = this;
    const one = PAGES[rng.int(PAGES.length)];
    switch (rng.int(12)) {
      case 0:
      case 1:
        lease.take(one, this.now_ms);
        break;
      case 2:
      case 3:
        lease.request(one, this.now_ms);
        break;
      case 4:
        lease.grant(one);
        break;
      case 5:
        lease.refuse(one);
        break;
      case 6:
        lease.release(one);
        break;
      case 7:
        if (rng.int(4) === 0) lease.endSession(one.session);
        break;
      case 8:
        if (this.present.has(one)) this.present.delete(one);
        else this.present.add(one);
        break;
      case 9:
        this.standstill = !this.standstill;
        break;
      case 10:
        if (rng.int(20) === 0) this.lease = this.start();
        break;
      default:
        this.now_ms += rng.int(1500);
    }
    for (const there of this.present) this.lease.hear(there, this.now_ms);
    this.lease.step(this.now_ms, this.standstill);
    this.check();
  }

  private check(): void {
    const epochs = this.grants.map(({ epoch }) => epoch);
    const permitted = PAGES.flatMap((one) => epochs.filter((epoch) => this.lease.permits(one, epoch, this.now_ms)));
    if (permitted.length > 1) throw new Error(`${permitted.length} in control at once`);
    for (const epoch of permitted)
      if (this.over.has(epoch)) throw new Error(`epoch ${epoch} is permitted after its end`);
    const views = PAGES.filter((one) => this.lease.snapshot(one).yours);
    if (views.length > 1) throw new Error('two pages are told that they are in control');
  }

  get granted(): number {
    return this.grants.length;
  }
}

describe('in any interleaving of two users, their tabs and restarts', () => {
  it('never two are in control, epochs rise, and an epoch that is over stays over', () => {
    let granted = 0;
    for (let seed = 0; seed < 150; seed++) {
      const life = new Life(seed);
      for (let k = 0; k < 300; k++) {
        try {
          life.step();
        } catch (error) {
          throw new Error(`seed ${seed}, step ${k}: ${error instanceof Error ? error.message : error}`);
        }
      }
      granted += life.granted;
    }
    expect(granted).toBeGreaterThan(1500);
  });
});
