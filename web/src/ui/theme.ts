import { shallowRef, watch } from 'vue';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'holdfast-theme';
const systemDark = matchMedia('(prefers-color-scheme: dark)');

/** The chosen colours; `system` follows the machine. */
export const theme = shallowRef<Theme>(chosen());

/** Whether the page is dark now. */
export const isDark = shallowRef(dark());

watch(theme, (value) => {
  const root = document.documentElement;
  if (value === 'system') delete root.dataset.theme;
  else root.dataset.theme = value;
  isDark.value = dark();
  try {
    if (value === 'system') localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Storage is closed to us: the choice holds until the page is left.
  }
});
systemDark.addEventListener('change', () => (isDark.value = dark()));

function chosen(): Theme {
  return themes.find((each) => each === document.documentElement.dataset.theme) ?? 'system';
}

function dark(): boolean {
  return theme.value === 'system' ? systemDark.matches : theme.value === 'dark';
}
