import { createRouter, createWebHistory } from 'vue-router';
import { probe, reach } from './graph/reach.js';
import { nameWindow } from './ui/nameWindow.js';
import { say } from './ui/toasts.js';

/** Every page has a chunk of its own; dialogs are loaded when they are opened. */
export const router = createRouter({
  history: createWebHistory(),
  routes: [
    {
      path: '/sign-in',
      name: 'sign-in',
      component: () => import('./session/SignInPage.vue'),
      meta: { title: 'Sign in', open: true },
    },
    {
      path: '/',
      name: 'projects',
      component: () => import('./project/ProjectsPage.vue'),
      meta: { title: 'Projects' },
    },
    {
      path: '/projects/:slug',
      component: () => import('./project/ProjectLayout.vue'),
      props: true,
      children: [
        { path: '', name: 'project', redirect: { name: 'backups' } },
        {
          path: 'backups',
          name: 'backups',
          component: () => import('./backup/BackupsPage.vue'),
          props: true,
          meta: { title: 'Backups' },
        },
        {
          path: 'backups/:id',
          name: 'backup',
          component: () => import('./backup/BackupPage.vue'),
          props: true,
          meta: { title: 'Backup' },
        },
        {
          path: 'restores',
          name: 'restores',
          component: () => import('./restore/RestoresPage.vue'),
          props: true,
          meta: { title: 'Restores' },
        },
        {
          path: 'restores/:id',
          name: 'restore',
          component: () => import('./restore/RestorePage.vue'),
          props: true,
          meta: { title: 'Restore' },
        },
        {
          path: 'downloads',
          name: 'downloads',
          component: () => import('./download/DownloadsPage.vue'),
          props: true,
          meta: { title: 'Downloads' },
        },
        {
          path: 'downloads/:id',
          name: 'download',
          component: () => import('./download/DownloadPage.vue'),
          props: true,
          meta: { title: 'Download' },
        },
        {
          path: 'environments',
          name: 'environments',
          component: () => import('./environment/EnvironmentsPage.vue'),
          props: true,
          meta: { title: 'Environments' },
        },
        {
          path: 'activity',
          name: 'activity',
          component: () => import('./job/ActivityPage.vue'),
          props: true,
          meta: { title: 'Activity' },
        },
        {
          path: 'members',
          name: 'members',
          component: () => import('./member/MembersPage.vue'),
          props: true,
          meta: { title: 'Members' },
        },
      ],
    },
    {
      path: '/activity',
      name: 'all-activity',
      component: () => import('./job/AllActivityPage.vue'),
      meta: { title: 'Activity' },
    },
    {
      path: '/account',
      name: 'account',
      component: () => import('./account/AccountPage.vue'),
      meta: { title: 'Your account' },
    },
    {
      path: '/:rest(.*)*',
      name: 'not-found',
      component: () => import('./session/NotFoundPage.vue'),
      meta: { title: 'Not found', open: true },
    },
  ],
  scrollBehavior: (to, from, saved) => {
    if (saved) return saved;
    return to.path === from.path ? false : { top: 0 };
  },
});

router.afterEach((to) => nameWindow(to.meta.title));

// A page’s code that does not come: either Holdfast is away, and one stays where one is, or a newer release replaced
// it, which a full load brings.
router.onError(async (_problem, to) => {
  await probe();
  if (reach.value === 'away' || reach.value === 'offline') {
    say('Holdfast cannot be reached: this page opens once it answers.', { bad: true });
    return;
  }
  const key = `holdfast-reloaded:${to.fullPath}`;
  if (sessionStorage.getItem(key)) return;
  sessionStorage.setItem(key, '1');
  location.assign(to.fullPath);
});
