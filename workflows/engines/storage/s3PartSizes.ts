const mebibyte = 1024 * 1024;
/** S3 takes no smaller part but the last; that many in flight are quick enough and little memory. */
const smallest = 8 * mebibyte;
/** S3 takes no larger one. */
const largest = 5 * 1024 * mebibyte;
/** How much more than expected may come where parts must not grow. */
const headroom = 2;
/** After this share of all parts they grow, doubling with every further twentieth. */
const equalShare = 0.5;
const doublings = 10;

/** What is known before an object is written. */
export interface PartPlan {
  /** A guess; null: none. */
  expectedBytes: number | null;
  maxParts: number;
  /** Whether all parts but the last must have one size. */
  equalParts: boolean;
}

/**
 * How large each part of an object is, in bytes; null: no such part may be sent. What was expected fits into half of
 * the parts, all of one size; where more comes the others grow, so that whatever comes fits as well.
 */
export function partSizes({
  expectedBytes,
  maxParts,
  equalParts,
}: PartPlan): (number: number) => number | null {
  const equal = equalParts ? maxParts : Math.max(1, Math.floor(maxParts * equalShare));
  const step = Math.max(1, Math.floor((maxParts - equal) / doublings));
  const wanted = ((expectedBytes ?? 0) * (equalParts ? headroom : 1)) / equal;
  const size = Math.min(largest, Math.max(smallest, Math.ceil(wanted / mebibyte) * mebibyte));
  return (number) => {
    if (number > maxParts) return null;
    if (number <= equal) return size;
    return Math.min(largest, size * 2 ** Math.ceil((number - equal) / step));
  };
}
