import { useEffect, useRef, useState } from 'preact/hooks';
import { change, read, renderPath } from './api.js';
import { commandToStart, curlToStart } from './copies.js';
import { html } from './html.js';
import { Copy, TroubleBox } from './parts.js';
import { SchemaForm } from './schema-form.js';

/** How long after the last key a request is checked, in milliseconds. */
const CHECK_AFTER_IN_MS = 250;

/** A form for a request, made from its JSON Schema; wrong fields are named before anything is sent. */
export function StartView({ again, workflow, onConnection }) {
  const [request, setRequest] = useState();
  const [text, setText] = useState('');
  const [asJson, setAsJson] = useState(false);
  const [edition, setEdition] = useState(0);
  const [problems, setProblems] = useState([]);
  const [trouble, setTrouble] = useState();
  const form = useRef(null);
  const original = useRef('');
  const textProblem = asJson && request === undefined;

  const begin = (value) => {
    setRequest(value);
    setText(JSON.stringify(value, null, 2));
    setEdition((before) => before + 1);
  };
  useEffect(() => {
    onConnection('none');
    document.title = 'Start a render';
    if (again === null) begin(workflow.samples[0].request);
    else
      read(renderPath(again, 'request')).then(
        (answer) => {
          original.current = JSON.stringify(answer.request);
          begin(answer.request);
        },
        (error) => setTrouble(error.trouble),
      );
  }, []);
  useEffect(() => {
    if (request === undefined) return undefined;
    const timer = setTimeout(
      () =>
        change('check', request).then(
          (answer) => setProblems(answer.problems),
          (error) => setTrouble(error.trouble),
        ),
      CHECK_AFTER_IN_MS,
    );
    return () => clearTimeout(timer);
  }, [request]);

  const edit = (value) => {
    setRequest(value);
    setText(JSON.stringify(value, null, 2));
  };
  const editText = (value) => {
    setText(value);
    try {
      setRequest(JSON.parse(value));
    } catch {
      setRequest(undefined);
      setProblems([]);
    }
  };
  const send = async (event) => {
    event.preventDefault();
    if (request === undefined) return form.current.querySelector('textarea')?.focus();
    const unread = form.current.querySelector('[data-unread]');
    if (unread) return unread.focus();
    try {
      const { name, problems: found } = await change('renders', request);
      if (name) location.hash = `#/renders/${encodeURIComponent(name)}`;
      else {
        setProblems(found);
        setTimeout(() => form.current.querySelector('[aria-invalid=true]')?.focus());
      }
    } catch (error) {
      setTrouble(error.trouble);
    }
  };
  const toForm = () => {
    if (request === undefined) return;
    setAsJson(false);
    setEdition((before) => before + 1);
  };
  const isSame = original.current !== '' && JSON.stringify(request) === original.current;
  const newJob = () =>
    begin({ ...request, jobId: `${request.jobId ?? again}-${Date.now().toString(36)}`.slice(-128) });

  return html`<h1>${again === null ? 'Start a render' : 'Render again'}</h1>
    <form class="start" ref=${form} onSubmit=${send} novalidate>
      <div class="box">
        <div class="filters">
          ${
            again === null &&
            html`<label>Begin with <select onChange=${(event) => begin(workflow.samples[event.target.value].request)}>
            ${workflow.samples.map(({ name }, index) => html`<option key=${name} value=${index}>${name}</option>`)}
          </select></label>`
          }
          <div role="group" aria-label="How to write it" class="chips">
            <button type="button" class="chip" aria-pressed=${!asJson} onClick=${toForm}>Form</button>
            <button type="button" class="chip" aria-pressed=${asJson} onClick=${() => setAsJson(true)}>JSON</button>
          </div>
        </div>
        ${
          again !== null &&
          request !== undefined &&
          html`<div class="note">
          ${isSame ? html`<p>The same request under the same jobId joins the render that the job has: a finished one is not rendered again. A failed one is.</p>` : html`<p>A changed request needs a jobId of its own; under the old one it is refused (DuplicateRenderRequest).</p>`}
          <button type="button" onClick=${newJob}>Give it a new jobId</button>
        </div>`
        }
        ${
          asJson
            ? html`<label class="field"><span class="name">The request, as JSON</span>
              <textarea rows="24" spellcheck=${false} value=${text} aria-invalid=${textProblem || problems.length > 0} aria-describedby="json-problems" onInput=${(event) => editText(event.target.value)}></textarea></label>
              <div id="json-problems">${textProblem && html`<p class="problem">This is not JSON.</p>`}${problems.map(({ field, message }) => html`<p class="problem" key=${field}><code>${field}</code>: ${message}</p>`)}</div>`
            : request !== undefined &&
              html`<${SchemaForm} key=${edition} schema=${workflow.schema} value=${request} problems=${problems} onChange=${edit} />`
        }
        ${trouble && html`<${TroubleBox} trouble=${trouble} title="That was refused" />`}
        <div class="buttons sticky">
          <span role="status" class=${problems.length > 0 || textProblem ? 'bad' : 'muted'}>${textProblem ? 'Not JSON' : problems.length > 0 ? `${problems.length} ${problems.length === 1 ? 'field is' : 'fields are'} wrong` : 'The workflow takes this request.'}</span>
          <button type="submit" class="main">Start</button>
        </div>
      </div>
      <aside class="box preview" aria-label="The request">
        <div class="title"><h2>What is sent</h2>${
          request !== undefined &&
          html`<span>
          <${Copy} text=${text}>Request<//>
          <${Copy} text=${() => commandToStart(workflow, request)}>Command<//>
          <${Copy} text=${() => curlToStart(workflow, request)}>curl<//></span>`
        }</div>
        <pre tabindex="0">${request === undefined ? '' : JSON.stringify(request, null, 2)}</pre>
      </aside>
    </form>`;
}
