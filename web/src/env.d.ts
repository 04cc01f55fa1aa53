/// <reference types="vite/client" />

import 'vue-router';

declare module 'vue-router' {
  interface RouteMeta {
    /** What the window is called while the route is shown. */
    title?: string;
    /** Shown to those who are not signed in too. */
    open?: boolean;
  }
}
