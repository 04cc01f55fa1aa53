import urql from '@urql/vue';
import { createApp } from 'vue';
import App from './App.vue';
import { client } from './graph/client.js';
import { router } from './router.js';
import { askForViewer } from './session/viewer.js';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/inputs.css';
import './styles/filters.css';

if (location.pathname !== '/sign-in') askForViewer(client);
createApp(App).use(urql, client).use(router).mount('#app');
