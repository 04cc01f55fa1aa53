import { nameProblem, slugProblem, type Stage } from '#schema/domain';
import { computed, ref, shallowRef } from 'vue';
import { useAct } from '../graph/useAct.js';
import type { EnvironmentFacts } from '../project/queries.js';
import { slugOf } from '../project/slug.js';
import { CheckEnvironment, CreateEnvironment, UpdateEnvironment } from './deeds.js';
import { findingsOf, otherFindings, type Finding } from './findings.js';
import { bucketFields, mediaSent, useMediaInput, type BucketField } from './mediaInput.js';

const onScreen = ['name', 'slug', 'stage', 'databaseUrl', 'media'];

/**
 * The form of an environment: saves it, then tests the connection. What was saved is kept while the person
 * corrects what the test found. `existing` null: a new one.
 */
export function useEnvironmentForm(projectId: string, existing: EnvironmentFacts | null) {
  const saved = shallowRef<EnvironmentFacts | null>(existing);
  const name = ref(existing?.name ?? '');
  const ownSlug = ref(existing?.slug ?? null);
  const slug = computed({
    get: () => ownSlug.value ?? slugOf(name.value),
    set: (text) => (ownSlug.value = text),
  });
  const stage = ref<Stage>(existing?.stage ?? 'LIVE');
  const databaseUrl = ref('');
  const noDatabase = ref(false);
  const media = useMediaInput(existing?.keepMediaFolder ?? false);
  const tried = ref(false);
  const findings = shallowRef<readonly Finding[] | null>(null);

  const create = useAct(CreateEnvironment, (data) => data.createEnvironment);
  const update = useAct(UpdateEnvironment, (data) => data.updateEnvironment);
  const check = useAct(CheckEnvironment, (data) => data.checkEnvironment);

  const busy = computed(() => create.busy.value || update.busy.value || check.busy.value);
  const testing = computed(() => check.busy.value);

  function refusal(...fields: string[]): string {
    return [create.refusalOf(...fields), update.refusalOf(...fields)].filter(Boolean).join(' ');
  }

  /** What is said of the media as a whole, or of their folder. */
  function mediaRefusal(): string {
    return bucketFields.some(({ name: field }) => refusal(field)) ? '' : refusal('media');
  }

  const problems = computed(() => ({
    name: (tried.value && nameProblem(name.value)) || refusal('name'),
    slug: (tried.value && !saved.value && slugProblem(slug.value)) || refusal('slug'),
    database: refusal('databaseUrl') || findingsOf(findings.value ?? [], 'DATABASE_'),
    media: mediaRefusal() || findingsOf(findings.value ?? [], 'MEDIA_'),
    bucket: Object.fromEntries(bucketFields.map(({ name: field }) => [field, refusal(field)])) as Record<
      BucketField,
      string
    >,
    other: [
      create.otherRefusals(...onScreen),
      update.otherRefusals(...onScreen),
      check.said.value,
      otherFindings(findings.value ?? []),
    ]
      .filter(Boolean)
      .join(' '),
  }));

  /** Saves and tests. `well` only where everything could be reached and read. */
  async function saveAndTest(): Promise<'well' | 'not yet'> {
    tried.value = true;
    findings.value = null;
    check.forget();
    if (nameProblem(name.value) || (!saved.value && slugProblem(slug.value))) return 'not yet';
    const environment = await save();
    if (!environment) return 'not yet';
    saved.value = environment;
    const tested = await check.run({ id: environment.id });
    if (!tested?.check) return 'not yet';
    findings.value = tested.check.findings;
    return tested.check.ok ? 'well' : 'not yet';
  }

  async function save(): Promise<EnvironmentFacts | null> {
    if (saved.value) {
      const id = saved.value.id;
      const done = await update.run({ input: { id, name: name.value.trim(), ...sources() } });
      return done?.environment ?? null;
    }
    const done = await create.run({
      input: { projectId, name: name.value.trim(), slug: slug.value, stage: stage.value, ...sources() },
    });
    return done?.environment ?? null;
  }

  /** An input left empty stays as it is; only the box beside it takes a source away. */
  function sources() {
    const url = databaseUrl.value.trim();
    return {
      ...(noDatabase.value ? { databaseUrl: null } : url ? { databaseUrl: url } : {}),
      ...mediaSent(media.value),
      keepMediaFolder: media.value.keepFolder,
    };
  }

  const inputs = { name, slug, stage, databaseUrl, noDatabase, media };
  return { inputs, saved, problems, busy, testing, findings, saveAndTest };
}
