import { type Command, Option } from 'commander';
import { z } from 'zod';
import { emitJson, say } from '../common.ts';
import { writeJsonFile } from '../json_files.ts';
import { ownModels } from '../models/own_models.ts';
import { PERCEIVE_PROVIDERS, perceivePictures } from '../perceive/perceive_pictures.ts';

const flagsOf = z.object({
  images: z.string(),
  model: z.string().optional(),
  models: z.string().optional(),
  ep: z.enum(PERCEIVE_PROVIDERS),
  out: z.string(),
  json: z.boolean().optional(),
});

export function addPerceive(program: Command): void {
  program
    .command('perceive')
    .description('Objects in pictures: class, colour, pose, size and covariance of each.')
    .requiredOption('--images <dir>', 'folder (or folders in it) with rgb.png, depth.png (mm) and camera.json')
    .option(
      '--model <name>',
      'NAME[@VERSION], shipped or own, or a FILE.onnx (default: the shipped one, else classical)',
    )
    .option('--models <dir>', 'folder of your own models (default: surepick/models of your data folder)')
    .addOption(
      new Option(
        '--ep <provider>',
        'where the network runs, the CPU if it cannot there; classical: colour and depth alone',
      )
        .choices(PERCEIVE_PROVIDERS)
        .default('cpu'),
    )
    .requiredOption('--out <file>', 'detections of every picture, JSON')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText(
      'after',
      '\nExample: surepick render --out picture && surepick perceive --images picture --out seen.json',
    )
    .action(async (raw: Record<string, unknown>) => {
      const { model = null, ...flags } = flagsOf.parse(raw);
      const { summary, pictures } = await perceivePictures({
        ...{ ...flags, model, onNote: say },
        own: ownModels(flags.models),
      });
      writeJsonFile(flags.out, { images: pictures });
      const { images, detections, latency_ms, degraded, degraded_reason } = summary;
      const time = latency_ms.total.p50.toFixed(1);
      say(`${detections} objects in ${images} pictures by ${summary.model}, ${time} ms each; written to ${flags.out}`);
      if (degraded) say(`degraded: ${degraded_reason}`);
      if (flags.json) emitJson('perceive', { ...summary, out: flags.out });
    });
}
