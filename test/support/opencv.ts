import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { type PythonEnvironment, pythonEnvironment } from './python.ts';

export const OPENCV = ['opencv-python-headless==4.12.0.88', 'numpy==2.2.6'];

export function openCv(): Promise<PythonEnvironment> {
  return pythonEnvironment('opencv', OPENCV);
}

/** What OpenCV answers to problems as `opencv_calibration.py` reads them, one answer each. */
export function askOpenCv(python: string, cases: readonly object[]): Promise<unknown[]> {
  const script = join(PACKAGE_ROOT, 'test/support/opencv_calibration.py');
  return new Promise((resolve, reject) => {
    const child = execFile(python, [script], { maxBuffer: 1 << 28 }, (error, stdout) => {
      if (error !== null) reject(error);
      else resolve(JSON.parse(stdout));
    });
    child.stdin?.end(JSON.stringify(cases));
  });
}
