/**
 * Tells whether a Node of this version can run Holdfast: 20.19+, 22.13+, 24.11+ or any later major.
 * The majors between them are refused because the libraries' own requirements exclude them.
 */
export function nodeIsSupported(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major === 20) return minor >= 19;
  if (major === 22) return minor >= 13;
  if (major === 24) return minor >= 11;
  return major > 24;
}
