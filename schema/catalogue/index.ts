export * from './dataSource.js';
export * from './databaseAddress.js';
export * from './fileLinks.js';
export * from './mediaKeys.js';
export * from './migrationProblem.js';
export * from './secretBox.js';
