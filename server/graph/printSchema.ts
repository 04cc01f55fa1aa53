import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { createSchema } from './schema.js';

const [file] = process.argv.slice(2);
if (!file) throw new Error('Name the file to write the served schema to.');
await writeFile(file, `${printSchema(lexicographicSortSchema(await createSchema()))}\n`);
