import { z } from 'zod';
import { channelSchema } from '../runtime/index.ts';

/** Shared memory between the processes of one cell, by what it carries. */
export const cellChannels = z.record(z.string(), channelSchema);
export type CellChannels = Readonly<z.infer<typeof cellChannels>>;
