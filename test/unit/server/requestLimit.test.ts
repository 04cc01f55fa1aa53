import { describe, expect, it } from 'vitest';
import { RequestLimit } from '../../../server/identity/requestLimit.js';

describe('a limit of 3 within a minute', () => {
  const limit = () => new RequestLimit(3, 60_000);

  it('lets three through and the fourth not', () => {
    const door = limit();
    expect([1, 2, 3, 4, 5].map((at) => door.take('a', at))).toEqual([true, true, true, false, false]);
  });

  it('counts each person alone', () => {
    const door = limit();
    for (const at of [1, 2, 3]) door.take('a', at);
    expect(door.take('a', 4)).toBe(false);
    expect(door.take('b', 4)).toBe(true);
  });

  it('opens again when the first request is a minute old, to the millisecond', () => {
    const door = limit();
    for (const at of [0, 100, 200]) door.take('a', at);
    expect(door.take('a', 59_999)).toBe(false);
    expect(door.take('a', 60_000)).toBe(true);
    expect(door.take('a', 60_001)).toBe(false);
    expect(door.take('a', 60_100)).toBe(true);
  });

  it('does not count what it refused: knocking makes nobody wait longer', () => {
    const door = limit();
    for (const at of [0, 1, 2]) door.take('a', at);
    for (let at = 3; at < 60_000; at += 1_000) expect(door.take('a', at)).toBe(false);
    expect(door.take('a', 60_000)).toBe(true);
  });

  it('goes by the clock where no time is given', () => {
    const door = limit();
    expect([door.take('a'), door.take('a'), door.take('a'), door.take('a')]).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('still holds for those who asked lately when very many have asked', () => {
    const door = limit();
    for (let index = 0; index < 10_005; index += 1) door.take(`once ${index}`, 0);
    for (const at of [0, 50_000, 50_001]) door.take('a', at);
    expect(door.take('b', 70_000)).toBe(true);
    expect(door.take('a', 70_001)).toBe(true);
    expect(door.take('a', 70_002)).toBe(false);
    expect(door.take('once 1', 70_003)).toBe(true);
  });
});

it('a limit of none lets nothing through', () => {
  expect(new RequestLimit(0, 1_000).take('a', 0)).toBe(false);
});
