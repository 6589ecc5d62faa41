import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { read } from './api.js';
import { BatchView } from './batch-view.js';
import { CallsView } from './calls-view.js';
import { html } from './html.js';
import { ListView } from './list-view.js';
import { TroubleBox } from './parts.js';
import { RenderView } from './render-view.js';
import { StartView } from './start-view.js';

/** `#/renders/<name>` and so on: the server knows of one page. */
function readRoute() {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const [view = '', name = ''] = path.split('/').map(decodeURIComponent);
  return { view, name, query: new URLSearchParams(query) };
}

function useRoute() {
  const [route, setRoute] = useState(readRoute);
  useEffect(() => {
    const change = () => {
      setRoute(readRoute());
      scrollTo(0, 0);
      document.querySelector('main')?.focus({ preventScroll: true });
    };
    addEventListener('hashchange', change);
    return () => removeEventListener('hashchange', change);
  }, []);
  return route;
}

function Page() {
  const { view, name, query } = useRoute();
  const [workflow, setWorkflow] = useState();
  const [trouble, setTrouble] = useState();
  const [connection, setConnection] = useState('connecting');
  useEffect(() => {
    read('workflow').then(setWorkflow, (error) => setTrouble(error.trouble));
  }, []);
  // The server was started anew: what is open knows the key of the last one.
  useEffect(() => {
    if (connection !== 'lost') return undefined;
    const timer = setInterval(() => {
      read('workflow').catch(({ status }) => {
        if (status === 403 && document.querySelector('meta[name=console-token]').content) location.reload();
      });
    }, 3000);
    return () => clearInterval(timer);
  }, [connection]);
  const here = (of) => (view === of ? 'page' : undefined);
  const skip = (event) => {
    event.preventDefault();
    document.querySelector('main').focus();
  };
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <header class="top">
      <a class="brand" href="#/"><img src="./mark.svg" alt="" width="28" height="28" /><span>Renders</span></a>
      <nav aria-label="Views">
        <a href="#/" aria-current=${here('')}>All</a>
        ${workflow?.machine && html`<a href="#/calls" aria-current=${here('calls')}>Calls</a>`}
      </nav>
      <p class="where">${
        workflow &&
        html`<span class="machine" title=${workflow.stateMachineArn}>${workflow.name}</span>
        <span class="place">${workflow.endpoint ? 'on this machine' : workflow.region}</span>`
      }</p>
      <${Connection} state=${connection} />
      <a class="button main" href="#/start" aria-current=${here('start')}>Start a render</a>
    </header>
    <main id="main" tabindex="-1">
      ${trouble && html`<h1 class="sr">Renders</h1><${TroubleBox} trouble=${trouble} />`}
      ${!trouble && !workflow && html`<p class="muted loading">Loading…</p>`}
      ${workflow && view === '' && html`<${ListView} key=${query.get('text')} workflow=${workflow} text=${query.get('text')} onConnection=${setConnection} />`}
      ${workflow && view === 'renders' && html`<${RenderView} key=${name} name=${name} workflow=${workflow} onConnection=${setConnection} />`}
      ${workflow && view === 'batches' && html`<${Batch} key=${name} name=${name} workflow=${workflow} onConnection=${setConnection} />`}
      ${workflow && view === 'start' && html`<${StartView} key=${query.get('again')} again=${query.get('again')} workflow=${workflow} onConnection=${setConnection} />`}
      ${workflow?.machine && view === 'calls' && html`<${CallsView} workflow=${workflow} onConnection=${setConnection} />`}
    </main>
  `;
}

function Batch({ workflow, ...more }) {
  const { trouble } = workflow.batches ?? { trouble: { message: 'This workflow has no batches.' } };
  if (trouble)
    return html`<h1>Batch</h1><${TroubleBox} trouble=${trouble} title="This batch cannot be shown" />`;
  return html`<${BatchView} workflow=${workflow} ...${more} />`;
}

const CONNECTIONS = {
  live: 'Live',
  lost: 'Connection lost, trying again',
  connecting: 'Connecting',
  none: '',
};

function Connection({ state }) {
  return html`<p class="connection ${state}" role="status"><span aria-hidden="true"></span>${CONNECTIONS[state]}</p>`;
}

render(html`<${Page} />`, document.getElementById('page'));
