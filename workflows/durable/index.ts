export { checkEnvironment } from './checkEnvironment.js';
export { createBackup } from './createBackup.js';
