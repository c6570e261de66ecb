import { type Command, Option } from 'commander';
import { z } from 'zod';
import { CAMERA_SPECS, TASK_NAMES } from '../../sim/index.ts';
import { emitJson, integerFrom, say } from '../common.ts';
import { takeStill } from '../render/still.ts';
import { writeStill } from '../render/write_still.ts';

const flagsOf = z.object({
  task: z.string(),
  seed: z.number(),
  camera: z.string(),
  width: z.number().optional(),
  height: z.number().optional(),
  out: z.string(),
  json: z.boolean().optional(),
});

export function addRender(program: Command): void {
  program
    .command('render')
    .description('A picture of a task’s world: colour, depth, segmentation and the camera, without noise.')
    .addOption(new Option('--task <name>', 'whose world').choices(TASK_NAMES).default('pick-place'))
    .option('--seed <n>', 'fixes every random choice; the world is that of episode 0', integerFrom(0), 0)
    .addOption(new Option('--camera <name>', 'which camera').choices(Object.keys(CAMERA_SPECS)).default('overview'))
    .option('--width <pixels>', 'default: the camera’s', integerFrom(1, 4096))
    .option('--height <pixels>', 'default: the camera’s', integerFrom(1, 4096))
    .requiredOption('--out <dir>', 'folder for rgb.png, depth.png, segmentation.png and camera.json')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText(
      'after',
      '\nExample: surepick render --seed 7 --camera overview --width 640 --height 480 --out picture',
    )
    .action((raw: Record<string, unknown>) => {
      const flags = flagsOf.parse(raw);
      const still = takeStill(flags);
      const files = writeStill(still, flags.out);
      say(`written: ${files.join(', ')}`);
      const { task, seed, camera } = flags;
      const { width, height, labels } = still.camera;
      if (flags.json) emitJson('render', { task, seed, camera, width, height, labels, out_dir: flags.out, files });
    });
}
