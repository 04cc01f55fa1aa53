/** What is typed to restore without a safety backup. */
export const withoutSafety = 'without safety backup';
