/** Complaints are made again after so long a silence (ns). */
const QUIET_NS = 1_000_000_000n;

/** What is complained of many times a second and is to be told once: when it begins, and again after a silence. */
export class Complaints {
  /** The one that began last, in words, while there are any. */
  text = '';
  private newest_ns = 0n;
  private readonly last_ns = new Map<string, bigint>();

  /** @return whether this kind of complaint begins now */
  begins(kind: string, text: string, now_ns: bigint): boolean {
    const last_ns = this.last_ns.get(kind);
    this.last_ns.set(kind, now_ns);
    this.newest_ns = now_ns;
    if (last_ns !== undefined && !quiet(last_ns, now_ns)) return false;
    this.text = text;
    return true;
  }

  /** @return whether there was something to complain of that is over now */
  end(now_ns: bigint): boolean {
    if (this.text === '' || !quiet(this.newest_ns, now_ns)) return false;
    this.text = '';
    return true;
  }
}

/** A clock that was set back ends a silence, too. */
function quiet(last_ns: bigint, now_ns: bigint): boolean {
  return now_ns < last_ns || now_ns - last_ns >= QUIET_NS;
}
