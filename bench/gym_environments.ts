import { type PythonEnvironment, pythonEnvironment } from './python_environment.ts';

const COMMON = ['gymnasium==1.4.0', 'numpy==2.2.6', 'cloudpickle==3.1.2'];

/** What surepick's Gymnasium package needs, and what builds it. */
export function gymEnvironment(): Promise<PythonEnvironment> {
  return pythonEnvironment('gym', [...COMMON, 'onnx==1.23.2', 'setuptools==80.9.0', 'wheel==0.45.1']);
}

/** FetchPickAndPlace with the MuJoCo it works with: the newest is refused by its own code. */
export function fetchEnvironment(): Promise<PythonEnvironment> {
  return pythonEnvironment('fetch', [...COMMON, 'gymnasium-robotics==1.4.2', 'mujoco==3.11.0']);
}
