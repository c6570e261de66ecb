export * from './commands.ts';
export * from './history.ts';
export * from './messages.ts';
export * from './pictures.ts';
