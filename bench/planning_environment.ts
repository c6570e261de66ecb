import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type PythonEnvironment, pythonEnvironment } from './python_environment.ts';

/** Pinocchio with Coal, OMPL, and the upstream robots with their meshes and SRDFs; made at the first call. */
export function planningEnvironment(): Promise<PythonEnvironment> {
  return pythonEnvironment('planning', ['example-robot-data==6.0.0', 'pin==4.1.0', 'ompl==2.0.1', 'numpy==2.2.6']);
}

/** Files of a robot as its makers publish it. */
export interface UpstreamRobot {
  readonly urdf: string;
  readonly srdf: string;
  /** Where `package://` begins. */
  readonly package_dir: string;
}

/** The Panda and the UR5 of the environment's robot package. */
export function upstreamRobots(python: string): { readonly panda: UpstreamRobot; readonly ur5: UpstreamRobot } {
  const ask =
    'import cmeel.config, pathlib; print(pathlib.Path(cmeel.config.__file__).parents[1] / "cmeel.prefix/share")';
  const package_dir = execFileSync(python, ['-c', ask], { encoding: 'utf8' }).trim();
  const robots = join(package_dir, 'example-robot-data', 'robots');
  const files = (folder: string, urdf: string, srdf: string): UpstreamRobot => ({
    urdf: join(robots, folder, 'urdf', urdf),
    srdf: join(robots, folder, 'srdf', srdf),
    package_dir,
  });
  return {
    panda: files('panda_description', 'panda.urdf', 'panda.srdf'),
    ur5: files('ur_description', 'ur5_robot.urdf', 'ur5.srdf'),
  };
}
