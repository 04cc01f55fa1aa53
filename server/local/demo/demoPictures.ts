import { encodePng } from './png.js';
import { seededNumbers } from './seededNumbers.js';

type Colour = [number, number, number];

/** A PNG that differs for every name: a shape in one colour before a gradient, with some grain. */
export function productPicture(name: string, width: number, height: number): Buffer {
  const numbers = seededNumbers(`picture:${name}`);
  const backdrop = colour(numbers.below(360), 0.25, 0.85);
  const paint = colour(numbers.below(360), 0.65, 0.5);
  const isInside = numbers.pick(SHAPES);
  const size = Math.floor(Math.min(width, height) * (0.25 + numbers.below(20) / 100));
  const centreX = Math.floor(width / 2) + numbers.below(21) - 10;
  const centreY = Math.floor(height / 2) + numbers.below(21) - 10;

  const grain = numbers.fill(Buffer.alloc(Math.ceil((width * height) / 4) * 4));
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    const shade = Math.floor((y * 40) / height);
    for (let x = 0; x < width; x += 1) {
      const index = y * width + x;
      const [red, green, blue] = isInside(x - centreX, y - centreY, size) ? paint : backdrop;
      const light = ((grain[index] ?? 0) >> 4) - shade;
      pixels[index * 3] = clamp(red + light);
      pixels[index * 3 + 1] = clamp(green + light);
      pixels[index * 3 + 2] = clamp(blue + light);
    }
  }
  return encodePng(width, height, pixels);
}

/** A small SVG drawing that differs for every name. */
export function icon(name: string): string {
  const numbers = seededNumbers(`icon:${name}`);
  const hue = numbers.below(360);
  const spokes = Array.from({ length: 5 + numbers.below(8) }, () => {
    const x = 4 + numbers.below(57);
    const y = 4 + numbers.below(57);
    return `  <line x1="32" y1="32" x2="${x}" y2="${y}" stroke="hsl(${hue}, 60%, 35%)" stroke-width="3"/>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" viewBox="0 0 64 64">',
    `  <title>${name}</title>`,
    `  <circle cx="32" cy="32" r="30" fill="hsl(${hue}, 60%, 88%)"/>`,
    ...spokes,
    '</svg>',
    '',
  ].join('\n');
}

const SHAPES: [Shape, ...Shape[]] = [
  (x, y, size) => x * x + y * y < size * size,
  (x, y, size) => Math.abs(x) < size && Math.abs(y) < size,
  (x, y, size) => Math.abs(x) + Math.abs(y) < size,
  (x, y, size) => y < size && y > 2 * Math.abs(x) - size,
];
type Shape = (x: number, y: number, size: number) => boolean;

/** Hue in degrees, saturation and lightness from 0 to 1, to 0-255 each; plain arithmetic, so equal everywhere. */
function colour(hue: number, saturation: number, lightness: number): Colour {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number): number => {
    const position = (offset + hue / 30) % 12;
    return Math.round(255 * (lightness - reach * Math.max(-1, Math.min(position - 3, 9 - position, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
