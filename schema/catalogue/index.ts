export * from './dataSource.js';
export * from './databaseAddress.js';
export * from './secretBox.js';
