export * from './describe_episode.ts';
export * from './folder.ts';
export * from './schema.ts';
