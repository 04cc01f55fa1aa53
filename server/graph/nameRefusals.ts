import { nameProblem, refusals, slugProblem, type Refusal } from '#schema/domain';

/** What is wrong with a name; none where it is fine. */
export function nameRefusals(name: string): Refusal[] {
  const problem = nameProblem(name);
  return problem ? [refusals.invalid(['input', 'name'], problem)] : [];
}

/** What is wrong with a slug; none where it is fine. */
export function slugRefusals(slug: string): Refusal[] {
  const problem = slugProblem(slug);
  return problem ? [refusals.invalid(['input', 'slug'], problem)] : [];
}
