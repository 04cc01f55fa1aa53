/** File names that are legal on Linux and macOS and have broken backup tools somewhere. */
export const ODD_NAMES: readonly string[] = [
  '-rf leading dash.txt',
  '--help.txt',
  '  two leading spaces.txt',
  'trailing dots...',
  'crème brûlée à la carte.txt',
  // The accent as a character of its own, as older macOS file systems wrote it.
  'cafe\u0301 menu.txt',
  'Οδηγίες χρήσης.txt',
  'Инструкция по сборке.txt',
  '使用说明书.txt',
  '取扱説明書 第二版.txt',
  'دليل الاستخدام.txt',
  'उपयोग पुस्तिका.txt',
  '🧑🏽‍🌾🌻 spring sale 🏡.txt',
  `it's "quoted" & 100% $HOME #1?.txt`,
  'back\\slash and * star.txt',
  'semi;colon|pipe <angle>.txt',
  '%2e%2e%2f.txt',
  'no extension',
  '.hidden',
  // 200 bytes: longer than the 100 that the oldest form of a tar header holds.
  `${'a very long name that somebody pasted from a subject line, '.repeat(3)}${'ü'.repeat(8)}-01.txt`,
];
