import type { IconName } from './icons.js';

/** One entry of a menu. `closed` says why it cannot be chosen now. */
export interface MenuEntry {
  key: string;
  label: string;
  icon: IconName;
  closed?: string;
  danger?: boolean;
}
