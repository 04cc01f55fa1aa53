export * from './common.js';
export * from './mediaRoots.js';
export * from './readSettings.js';
export * from './resolveMediaDirectory.js';
