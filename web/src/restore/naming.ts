/** Where a restore puts things, as it is typed and as scripts say it, e.g. `shop/live`. */
export function placeOf(restore: { project: { slug: string }; environment: { slug: string } }): string {
  return `${restore.project.slug}/${restore.environment.slug}`;
}
