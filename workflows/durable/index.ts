export { checkEnvironment } from './checkEnvironment.js';
export { createBackup } from './createBackup.js';
export { restoreBackup } from './restoreBackup.js';
export { surveyRestore } from './surveyRestore.js';
