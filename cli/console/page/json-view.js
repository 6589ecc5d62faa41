import { html } from './html.js';

/** Deeper values, long ones and these are folded. */
const FOLDED = new Set(['inputProps', 'errors', 'stack', 'trace']);
const LONG = 12;

/** JSON to read, its objects to fold. */
export function Json({ value }) {
  return html`<div class="json"><${Value} value=${value} depth=${0} /></div>`;
}

function Value({ value, depth }) {
  if (typeof value !== 'object' || value === null) return html`<${Leaf} value=${value} />`;
  const entries = Object.entries(value);
  const brackets = Array.isArray(value) ? '[]' : '{}';
  if (entries.length === 0) return html`<span class="brackets">${brackets}</span>`;
  return html`<ul>
    ${entries.map(([key, inner]) => html`<li key=${key}><${Entry} name=${key} value=${inner} depth=${depth} /></li>`)}
  </ul>`;
}

/** Text that is JSON itself, such as a cause, is read as such. */
function opened(value) {
  if (typeof value !== 'string' || !/^[{[]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function Entry({ name, value: given, depth }) {
  const value = opened(given);
  const isOpenable = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  if (!isOpenable) return html`<span class="key">${name}</span> <${Value} value=${value} depth=${depth} />`;
  const size = Object.keys(value).length;
  const isOpen = depth < 2 && !FOLDED.has(name) && size <= LONG;
  const kind = Array.isArray(value) ? `[ ${size} ]` : `{ ${size} }`;
  return html`<details open=${isOpen}>
    <summary><span class="key">${name}</span> <span class="brackets">${kind}</span></summary>
    <${Value} value=${value} depth=${depth + 1} />
  </details>`;
}

function Leaf({ value }) {
  if (typeof value === 'string') {
    const isLink = /^https:\/\/\S+$/.test(value);
    if (isLink)
      return html`<a class="string" href=${value} target="_blank" rel="noreferrer noopener">${value}</a>`;
    return html`<span class="string">${value}</span>`;
  }
  return html`<span class=${value === null ? 'null' : typeof value}>${String(value)}</span>`;
}
