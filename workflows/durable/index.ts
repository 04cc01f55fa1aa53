export { checkEnvironment } from './checkEnvironment.js';
export { createBackup } from './createBackup.js';
export { mailDownload } from './mailDownload.js';
export { prepareDownload } from './prepareDownload.js';
export { restoreBackup } from './restoreBackup.js';
export { surveyRestore } from './surveyRestore.js';
