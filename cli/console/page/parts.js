import { useEffect, useRef, useState } from 'preact/hooks';
import { STATUSES, safeHref } from './format.js';
import { html } from './html.js';

/** The status of an execution, in a word and a colour. @param done the word for one that has succeeded */
export function Status({ status, isWaiting = false, done }) {
  const {
    word: known,
    look,
    icon,
  } = STATUSES[isWaiting ? 'WAITING' : status] ?? {
    word: status,
    look: 'stopped',
    icon: '■',
  };
  const word = status === 'SUCCEEDED' && done ? done : known;
  return html`<span class="status ${look}"><span class="icon" aria-hidden="true">${icon}</span>${word}</span>`;
}

/** What is wrong and what to do about it. */
export function TroubleBox({ trouble, title = 'This cannot be shown' }) {
  return html`<div class="box trouble" role="alert">
    <h2>${title}</h2>
    <p>${trouble.message}</p>
    ${trouble.remedy && html`<p><strong>What to do:</strong> ${trouble.remedy}</p>`}
    ${trouble.isPassing && html`<p class="muted">The page tries again by itself.</p>`}
  </div>`;
}

/** A place where nothing is yet. */
export function Empty({ title, children }) {
  return html`<div class="empty"><img src="./mark.svg" alt="" width="44" height="44" /><h2>${title}</h2>${children}</div>`;
}

export function Bar({ value, label, look = 'running' }) {
  return html`<div
    class="bar ${look}"
    role="progressbar"
    aria-label=${label}
    aria-valuemin="0"
    aria-valuemax="100"
    aria-valuenow=${Math.round(value)}
  ><div style=${{ width: `${value}%` }}></div></div>`;
}

/** Figures with their names; those that are undefined are left out. */
export function Figures({ figures }) {
  return html`<dl class="figures">
    ${figures.filter(([, value]) => value !== undefined).map(([title, value]) => html`<div key=${title}><dt>${title}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

/** Where in the page this is. */
export function Crumbs({ name }) {
  return html`<nav class="crumbs" aria-label="Where this is"><a href="#/">All renders</a> <span aria-hidden="true">/</span> <span>${name}</span></nav>`;
}

/** A link out of the page, in a window of its own; text where the address is not one of the web. */
export function Out({ href, children }) {
  const safe = safeHref(href);
  if (safe === undefined) return html`<span>${children}</span>`;
  return html`<a href=${safe} target="_blank" rel="noreferrer noopener">${children}<span aria-hidden="true"> ↗</span></a>`;
}

/** A button that puts text into the clipboard and says so. */
export function Copy({ text, children }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    const value = typeof text === 'function' ? await text() : text;
    await navigator.clipboard.writeText(value);
    setCopied(true);
  };
  return html`<button type="button" class="quiet" onClick=${copy}>
    ${children}<span class="said" role="status">${copied ? ' copied' : ''}</span>
  </button>`;
}

/** A question that has to be answered first. @param also a second way to do it */
export function Ask({ title, children, yes, also, no, onYes, onAlso, onNo, isGrave = false }) {
  const dialog = useRef(null);
  useEffect(() => dialog.current.showModal(), []);
  return html`<dialog ref=${dialog} aria-labelledby="ask-title" onCancel=${onNo} onClose=${onNo}>
    <h2 id="ask-title">${title}</h2>
    ${children}
    <div class="buttons">
      <button type="button" onClick=${onNo}>${no}</button>
      ${also && html`<button type="button" onClick=${onAlso}>${also}</button>`}
      <button type="button" class=${isGrave ? 'grave' : 'main'} onClick=${onYes}>${yes}</button>
    </div>
  </dialog>`;
}
