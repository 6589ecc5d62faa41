import { useState } from 'preact/hooks';
import { html } from './html.js';

/** What a field is for, in the words of the README. */
const HINTS = {
  jobId: 'names the job; default: the execution’s name',
  'render.serveUrl': 'default: the stack’s defaultServeUrl',
  'render.composition': 'the id of a composition',
  'render.inputProps': 'the props, as JSON',
  'render.inputPropsUri': 's3://<Remotion bucket>/input-props/<name>',
  'render.deleteAfter': 'when Remotion deletes the render’s files',
  'destination.bucket': 'default: the first of the stack’s buckets',
  'destination.key': '{jobId} and {renderId} are filled in',
  'destination.overwrite': 'whether it may replace another object',
  size: "one of the renderer's other sizes",
  startTimeoutInSeconds: 'how long a throttled start may wait; default 300',
  maxCostInUsd: 'a render that costs more is cancelled',
  context: 'texts of your own, for output and events',
};

/** Groups that are open from the beginning. */
const OPEN = ['render'];
const OTHERS = 'Further options of renderMediaOnLambda';

/** A form for a value of a JSON Schema of objects. */
export function SchemaForm({ schema, value, problems, onChange }) {
  return html`<div class="schema">
    <${Problems} of="request" problems=${problems} />
    <${Properties} schema=${schema} value=${isObject(value) ? value : {}} path="" problems=${problems} onChange=${onChange} />
    ${problems
      .filter(({ field }) => field !== 'request' && !hasField(schema, field))
      .map(
        ({ field, message }) => html`<p class="problem" key=${field}><code>${field}</code>: ${message}</p>`,
      )}
  </div>`;
}

function Properties({ schema, value, path, problems, onChange }) {
  const shown = Object.entries(schema.properties).filter(([, property]) => !isRefused(property));
  const change = (name, inner) => {
    const { [name]: _gone, ...rest } = value;
    onChange(inner === undefined ? rest : { ...value, [name]: inner });
  };
  const others = Object.fromEntries(Object.entries(value).filter(([name]) => !(name in schema.properties)));
  const changeOthers = (inner) => {
    const own = Object.fromEntries(Object.entries(value).filter(([name]) => name in schema.properties));
    onChange({ ...own, ...(isObject(inner) ? inner : {}) });
  };
  return html`
    ${shown.map(([name, property]) => {
      const properties = {
        key: name,
        name,
        schema: plain(property),
        value: value[name],
        path: path ? `${path}.${name}` : name,
        isRequired: schema.required?.includes(name),
        problems,
        onChange: (inner) => change(name, inner),
      };
      return properties.schema.properties && !property.anyOf
        ? html`<${Group} ...${properties} />`
        : html`<${Field} ...${properties} />`;
    })}
    ${schema.additionalProperties && path !== '' && html`<${Field} name=${path === 'render' ? OTHERS : 'Further fields'} schema=${{ type: 'object' }} path=${`${path}.*`} hint=${path === 'render' ? 'such as framesPerLambda, scale, crf' : 'as JSON'} value=${Object.keys(others).length > 0 ? others : undefined} problems=${problems} onChange=${changeOthers} />`}
  `;
}

function Group({ name, schema, value, path, problems, onChange }) {
  const isWrong = problems.some(({ field }) => field === path || field.startsWith(`${path}.`));
  return html`<details class="group" open=${OPEN.includes(path) || value !== undefined || isWrong}>
    <summary>${name}</summary>
    <${Problems} of=${path} problems=${problems} />
    <${Properties} schema=${schema} value=${isObject(value) ? value : {}} path=${path} problems=${problems}
      onChange=${(inner) => onChange(Object.keys(inner).length === 0 && path !== 'render' ? undefined : inner)} />
  </details>`;
}

function Field({ name, schema, value, path, hint = HINTS[path], isRequired, problems, onChange }) {
  const id = `field-${path.replaceAll(/[^a-zA-Z]/g, '-')}`;
  const own = problems.filter(({ field }) => field === path || field.startsWith(`${path}.`));
  const described = `${id}-hint ${id}-problem`;
  const shared = {
    id,
    'aria-describedby': described,
    'aria-invalid': own.length > 0,
    'aria-required': isRequired,
  };
  return html`<div class="field">
    <label class="name" for=${id}>${name}${isRequired ? html`<span class="muted"> needed</span>` : ''}</label>
    <${Input} schema=${schema} value=${value} shared=${shared} onChange=${onChange} />
    <small id=${`${id}-hint`} class="muted">${hint}</small>
    <div id=${`${id}-problem`}>${own.map(({ field, message }) => html`<p class="problem" key=${field}>${field === path ? '' : html`<code>${field}</code>: `}${message}</p>`)}</div>
  </div>`;
}

function Input({ schema, value, shared, onChange }) {
  const choices = schema.enum ?? (schema.type === 'boolean' ? ['true', 'false'] : undefined);
  if (choices) {
    const parse = (text) => (text === '' ? undefined : schema.type === 'boolean' ? text === 'true' : text);
    const given = value === undefined ? '' : String(value);
    const all = given === '' || choices.includes(given) ? choices : [...choices, given];
    return html`<select ...${shared} value=${given} onChange=${(event) => onChange(parse(event.target.value))}>
      <option value="">–</option>${all.map((choice) => html`<option key=${choice}>${choice}</option>`)}
    </select>`;
  }
  if (schema.type === 'number') {
    return html`<input ...${shared} inputmode="decimal" value=${value ?? ''} onInput=${(event) => onChange(number(event.target.value))} />`;
  }
  if (schema.type === 'object')
    return html`<${JsonInput} value=${value} shared=${shared} onChange=${onChange} />`;
  return html`<input ...${shared} value=${typeof value === 'object' ? JSON.stringify(value) : (value ?? '')} spellcheck=${false} autocomplete="off" onInput=${(event) => onChange(event.target.value === '' ? undefined : event.target.value)} />`;
}

/** JSON as it is typed; what is not JSON yet changes nothing but says so. */
function JsonInput({ value, shared, onChange }) {
  const [text, setText] = useState(value === undefined ? '' : JSON.stringify(value, null, 2));
  const [isUnread, setUnread] = useState(false);
  const edit = (next) => {
    setText(next);
    try {
      onChange(next.trim() === '' ? undefined : JSON.parse(next));
      setUnread(false);
    } catch {
      setUnread(true);
    }
  };
  return html`<textarea ...${shared} rows=${Math.min(12, Math.max(2, text.split('\n').length))} spellcheck=${false} value=${text}
      aria-invalid=${isUnread || shared['aria-invalid']} data-unread=${isUnread ? '' : undefined} onInput=${(event) => edit(event.target.value)}></textarea>
    ${isUnread && html`<p class="problem">This is not JSON yet.</p>`}`;
}

function Problems({ of, problems }) {
  return problems
    .filter(({ field }) => field === of)
    .map(({ message }) => html`<p class="problem" key=${message}>${message}</p>`);
}

/** What is no number is kept as it is, for the check to name. */
function number(text) {
  if (text.trim() === '') return undefined;
  return Number.isFinite(Number(text)) ? Number(text) : text;
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const isRefused = (schema) => schema.not !== undefined;

/** Without the `null` that some may be. */
const plain = (schema) => schema.anyOf?.find(({ type }) => type !== 'null') ?? schema;

/** Whether a problem's field has a place in the form. */
function hasField(schema, field) {
  let at = schema;
  for (const name of field.split('.')) {
    const next = at.properties?.[name];
    if (!next || isRefused(next)) return false;
    at = plain(next);
    if (!at.properties) return true;
  }
  return true;
}
