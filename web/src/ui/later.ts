import { defineAsyncComponent, watch, type Component } from 'vue';
import { missed, reach } from '../graph/reach.js';
import { say } from './toasts.js';

const enoughTries = 3;

/**
 * A component whose code is fetched when it is first shown. Where Holdfast cannot be reached then, that is said, and
 * it is shown as soon as it can; code that is gone was replaced by a newer release, which a full load brings.
 */
export function later<Shown extends Component>(load: () => Promise<{ default: Shown }>): Shown {
  return defineAsyncComponent<Shown>({
    loader: load as () => Promise<never>,
    onError(_problem, retry, _fail, tries) {
      if (tries > enoughTries) return location.reload();
      say('Holdfast cannot be reached: this opens as soon as it answers.', { bad: true });
      missed();
      const stop = watch(reach, (now) => {
        if (now !== 'well' && now !== 'quiet') return;
        stop();
        retry();
      });
    },
  });
}
