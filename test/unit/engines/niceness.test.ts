import { expect, test } from 'vitest';
import { niceness } from '../../../workflows/engines/niceness.js';

const both = { nice: '/usr/bin/nice', ionice: '/usr/bin/ionice' };

test('nothing is put before a command that claims what all do', () => {
  expect(niceness(0, both)).toEqual([]);
});

test('gives way in between, and to everybody at 19', () => {
  expect(niceness(5, both)).toEqual([
    '/usr/bin/nice',
    '-n',
    '5',
    '/usr/bin/ionice',
    '-t',
    '-c',
    '2',
    '-n',
    '7',
  ]);
  expect(niceness(19, both)).toEqual(['/usr/bin/nice', '-n', '19', '/usr/bin/ionice', '-t', '-c', '3']);
});

test('does without what the system lacks', () => {
  expect(niceness(5, { ...both, ionice: null })).toEqual(['/usr/bin/nice', '-n', '5']);
  expect(niceness(5, { nice: null, ionice: null })).toEqual([]);
});
