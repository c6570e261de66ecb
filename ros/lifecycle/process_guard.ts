type Report = (error: unknown, where: string) => void;

const reports = new Set<Report>();
const onRejection = (error: unknown): void => tell(error, 'a promise that nobody waited for');
const onException = (error: unknown): void => tell(error, 'a callback outside the bus');

/**
 * While at least one node is hosted, what no one else catches in its process is told to every node there and ends nothing:
 * the process may hold an arm. Returns what ends it for this node.
 */
export function guardProcess(report: Report): () => void {
  if (reports.size === 0) {
    process.on('unhandledRejection', onRejection);
    process.on('uncaughtException', onException);
  }
  reports.add(report);
  return () => {
    if (!reports.delete(report) || reports.size > 0) return;
    process.off('unhandledRejection', onRejection);
    process.off('uncaughtException', onException);
  };
}

/** Nobody catches what a report throws while an exception is handled. */
function tell(error: unknown, where: string): void {
  for (const report of reports) {
    try {
      report(error, where);
    } catch {}
  }
}
