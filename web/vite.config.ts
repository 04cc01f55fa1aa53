import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

// What every page needs is few files; what a dialog or a menu needs comes when it is opened.
const firstVendors = /node_modules\/(@?vue|vue-router|@urql|@0no-co|wonka|graphql-ws|gql\.tada)\b/;
const smallParts =
  /\/(web\/src\/(ui|graph|words|environment\/(StageLabel|EnvironmentLabel|fragments))|schema\/domain)\b/;
const loadedLater =
  /\/(ui\/(ConfirmDialog|CopyButton|Dialog|Field|MenuList|Option|randomKey)|domain\/(emailAddress|failures))\b/;

/** Builds the web app into `dist/web`: no inline script, style or data URI, so that a strict CSP holds. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [vue({ features: { optionsAPI: false, prodDevtools: false } })],
  resolve: {
    // By name, not by the condition `source`: other packages use that word too.
    alias: { '#schema/domain': fileURLToPath(new URL('../schema/domain/index.ts', import.meta.url)) },
  },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'vendor', test: firstVendors },
            { name: 'parts', test: (id) => smallParts.test(id) && !loadedLater.test(id) },
          ],
        },
      },
    },
  },
});
