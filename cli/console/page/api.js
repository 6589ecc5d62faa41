const STORED = 'console-token';

/** The key to the page: in the page itself, or in the link, which it is taken out of; kept for further tabs. */
function findToken() {
  const own = document.querySelector('meta[name=console-token]').content;
  if (own !== '') return own;
  const given = new URLSearchParams(location.hash.slice(1)).get('key');
  if (given !== null) {
    localStorage.setItem(STORED, given);
    history.replaceState(null, '', location.pathname);
  }
  return localStorage.getItem(STORED) ?? '';
}

const token = findToken();

/** What the server refused, or could not do: `trouble` has a message and perhaps a remedy. */
export class Trouble extends Error {
  constructor(trouble, status) {
    super(trouble.message);
    this.trouble = trouble;
    this.status = status;
  }
}

async function ask(path, init) {
  const headers = { 'x-console-token': token, ...(init?.body && { 'content-type': 'application/json' }) };
  const response = await fetch(`./api/${path}`, { ...init, headers }).catch(() => {
    throw new Trouble(
      {
        message: 'The server of this page does not answer.',
        remedy: 'Is its command still running in the terminal?',
      },
      0,
    );
  });
  const answer = await response.json();
  if (!response.ok) throw new Trouble(answer.trouble ?? { message: response.statusText }, response.status);
  return answer;
}

/** Reads; throws Trouble. */
export const read = (path) => ask(path);

/** Asks for a change; throws Trouble. */
export const change = (path, body = {}) => ask(path, { method: 'POST', body: JSON.stringify(body) });

const path = (...parts) => parts.map(encodeURIComponent).join('/');

/** Path of a render in the API. */
export const renderPath = (name, ...more) => path('renders', name, ...more);

/** Path of a batch in the API. */
export const batchPath = (name, ...more) => path('batches', name, ...more);
