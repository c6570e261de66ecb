/** Where an error goes that no caller can take: what was thrown, and in what. Must not throw itself. */
export type OnError = (error: unknown, where: string) => void;

/**
 * The one place through which the middleware calls us: an exception that got past it would abort the process, and with it
 * what holds an arm.
 */
export class Guard {
  private readonly onError: OnError;

  constructor(onError: OnError) {
    this.onError = onError;
  }

  /** Tells of an error; one in telling it is swallowed. */
  report(error: unknown, where: string): void {
    try {
      this.onError(error, where);
    } catch {
      process.stderr.write(`${where}: ${String(error)}\n`);
    }
  }

  /** Calls `work`; gives `otherwise` where it throws. A promise that rejects is reported too. */
  run<R>(where: string, work: () => R, otherwise: R): R {
    try {
      const result = work();
      if (result instanceof Promise) result.catch((error: unknown) => this.report(error, where));
      return result;
    } catch (error) {
      this.report(error, where);
      return otherwise;
    }
  }

  /** `work` as a callback that never throws. */
  wrap<A extends readonly unknown[]>(where: string, work: (...args: A) => void): (...args: A) => void {
    return (...args) => {
      try {
        work(...args);
      } catch (error) {
        this.report(error, where);
      }
    };
  }
}
