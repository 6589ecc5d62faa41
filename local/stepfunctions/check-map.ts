import type { DefinitionProblems } from './definition-problems.ts';
import { isExpression } from './expression.ts';
import { isJsonObject, type Json } from './json.ts';

/** The fields of a Map state that only a distributed one has. */
export const DISTRIBUTED_FIELDS = ['Label', 'ItemReader', 'ItemBatcher', 'ResultWriter'];

const INPUT_TYPES = ['CSV', 'JSON', 'JSONL'];
const CSV_FIELDS = ['CSVHeaderLocation', 'CSVHeaders', 'CSVDelimiter'];
const MAX_ITEMS = 100_000_000;
const MAX_BATCH_BYTES = 262_144;

/** 1 to 40 characters, none that ARNs, names or wildcards are made of. */
const LABEL = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,40}$/u;

/** How the processor of a Map runs. */
export function checkProcessorConfig(
  check: DefinitionProblems,
  config: Json | undefined,
  path: string,
): void {
  if (config === undefined || !check.object(config, path, ['Mode', 'ExecutionType'])) return;
  const { Mode = 'INLINE', ExecutionType } = config;
  check.oneOf(Mode, `${path}/Mode`, ['INLINE', 'DISTRIBUTED']);
  if (Mode === 'DISTRIBUTED') check.oneOf(ExecutionType, `${path}/ExecutionType`, ['STANDARD']);
  else if (ExecutionType !== undefined) check.add(`${path}/ExecutionType`, 'needs Mode DISTRIBUTED');
}

/** Rules between the fields of a Map state. */
export function checkMap(check: DefinitionProblems, state: Record<string, Json>, path: string): void {
  if (!isDistributed(state)) {
    for (const field of DISTRIBUTED_FIELDS) {
      if (state[field] !== undefined) check.add(`${path}/${field}`, 'needs a Map with Mode DISTRIBUTED');
    }
  }
  if (state.ItemReader !== undefined && state.Items !== undefined) {
    check.add(`${path}/Items`, 'is not supported beside ItemReader');
  }
}

/** One field of a Map state, of those that no other state has. */
export function checkMapField(check: DefinitionProblems, field: string, value: Json, path: string): void {
  switch (field) {
    case 'Label':
      if (typeof value !== 'string' || !LABEL.test(value)) {
        check.add(path, 'must be a text of 1 to 40 characters without blanks, brackets, wildcards and signs');
      }
      return;
    case 'ToleratedFailurePercentage':
      return check.literalOrExpression(value, path, (v, p) => check.number(v, p, { max: 100 }));
    case 'ItemReader':
      return checkItemReader(check, value, path);
    case 'ItemBatcher':
      return checkItemBatcher(check, value, path);
    case 'ResultWriter':
      return checkResultWriter(check, value, path);
  }
}

/** Labels stand in ARNs: no two Maps of a machine may have the same. */
export function checkLabels(check: DefinitionProblems, definition: Json): void {
  const seen = new Set<Json>();
  const visit = (block: Json | undefined, path: string): void => {
    if (!isJsonObject(block) || !isJsonObject(block.States)) return;
    for (const [name, state] of Object.entries(block.States)) {
      if (!isJsonObject(state)) continue;
      const at = `${path}/States/${name}`;
      if (state.Label !== undefined && seen.has(state.Label)) check.add(`${at}/Label`, 'is there twice');
      if (state.Label !== undefined) seen.add(state.Label);
      visit(state.ItemProcessor, `${at}/ItemProcessor`);
      if (!Array.isArray(state.Branches)) continue;
      state.Branches.forEach((branch, index) => void visit(branch, `${at}/Branches/${index}`));
    }
  };
  visit(definition, '');
}

function isDistributed({ ItemProcessor: processor }: Record<string, Json>): boolean {
  const config = isJsonObject(processor) ? processor.ProcessorConfig : undefined;
  return isJsonObject(config) && config.Mode === 'DISTRIBUTED';
}

function checkItemReader(check: DefinitionProblems, reader: Json, path: string): void {
  if (!check.object(reader, path, ['Resource', 'Arguments', 'ReaderConfig'])) return;
  check.oneOf(reader.Resource, `${path}/Resource`, ['arn:aws:states:::s3:getObject']);
  checkArguments(check, reader.Arguments, `${path}/Arguments`, ['Bucket', 'Key'], ['ExpectedBucketOwner']);
  const at = `${path}/ReaderConfig`;
  const fields = ['InputType', ...CSV_FIELDS, 'ItemsPointer', 'MaxItems'];
  const config = reader.ReaderConfig;
  if (!check.object(config, at, fields)) return;
  check.oneOf(config.InputType, `${at}/InputType`, INPUT_TYPES);
  if (config.MaxItems !== undefined) {
    check.literalOrExpression(config.MaxItems, `${at}/MaxItems`, (value, p) =>
      check.number(value, p, { integer: true, max: MAX_ITEMS }),
    );
  }
  if (config.InputType === 'CSV') checkCsv(check, config, at);
  for (const [field, type] of [...CSV_FIELDS.map((name) => [name, 'CSV']), ['ItemsPointer', 'JSON']]) {
    if (field && config[field] !== undefined && config.InputType !== type) {
      check.add(`${at}/${field}`, `needs the InputType ${type}`);
    }
  }
  const { ItemsPointer } = config;
  if (ItemsPointer !== undefined && (typeof ItemsPointer !== 'string' || !/^(\/|$)/.test(ItemsPointer))) {
    check.add(`${at}/ItemsPointer`, 'must be a JSON pointer such as /data/items');
  }
}

function checkCsv(check: DefinitionProblems, config: Record<string, Json>, path: string): void {
  const { CSVHeaderLocation, CSVHeaders, CSVDelimiter = 'COMMA' } = config;
  check.oneOf(CSVHeaderLocation, `${path}/CSVHeaderLocation`, ['FIRST_ROW', 'GIVEN']);
  check.oneOf(CSVDelimiter, `${path}/CSVDelimiter`, ['COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB']);
  if (CSVHeaderLocation === 'GIVEN') {
    check.array(CSVHeaders, `${path}/CSVHeaders`).forEach((header, index) => {
      if (typeof header !== 'string') check.add(`${path}/CSVHeaders/${index}`, 'must be a text');
    });
  } else if (CSVHeaders !== undefined) {
    check.add(`${path}/CSVHeaders`, 'needs the CSVHeaderLocation GIVEN');
  }
}

function checkItemBatcher(check: DefinitionProblems, batcher: Json, path: string): void {
  const limits = [
    ['MaxItemsPerBatch', undefined],
    ['MaxInputBytesPerBatch', MAX_BATCH_BYTES],
  ] as const;
  if (!check.object(batcher, path, [...limits.map(([name]) => name), 'BatchInput'])) return;
  for (const [name, max] of limits) {
    if (batcher[name] === undefined) continue;
    check.literalOrExpression(batcher[name], `${path}/${name}`, (value, p) =>
      check.number(value, p, { integer: true, min: 1, max }),
    );
  }
  if (limits.every(([name]) => batcher[name] === undefined)) {
    check.add(path, 'must have MaxItemsPerBatch or MaxInputBytesPerBatch');
  }
  if (batcher.BatchInput === undefined) return;
  if (!isJsonObject(batcher.BatchInput)) check.add(`${path}/BatchInput`, 'must be an object');
  check.template(batcher.BatchInput, `${path}/BatchInput`);
}

function checkResultWriter(check: DefinitionProblems, writer: Json, path: string): void {
  if (!check.object(writer, path, ['Resource', 'Arguments', 'WriterConfig'])) return;
  const { Resource, Arguments, WriterConfig } = writer;
  if (Resource !== undefined) {
    check.oneOf(Resource, `${path}/Resource`, ['arn:aws:states:::s3:putObject']);
    checkArguments(check, Arguments, `${path}/Arguments`, ['Bucket'], ['Prefix']);
  } else if (Arguments !== undefined) {
    check.add(`${path}/Resource`, 'is missing');
  }
  if (WriterConfig === undefined) {
    if (Resource === undefined) check.add(path, 'must have a Resource or a WriterConfig');
    return;
  }
  const at = `${path}/WriterConfig`;
  if (!check.object(WriterConfig, at, ['Transformation', 'OutputType'])) return;
  check.oneOf(WriterConfig.Transformation, `${at}/Transformation`, ['NONE', 'COMPACT', 'FLATTEN']);
  // Lines of JSON are no JSON, so that a state cannot have them as its output.
  const types = Resource === undefined ? ['JSON'] : ['JSON', 'JSONL'];
  check.oneOf(WriterConfig.OutputType, `${at}/OutputType`, types);
}

/** Arguments are an object with these fields, or an expression that gives one. */
function checkArguments(
  check: DefinitionProblems,
  value: Json | undefined,
  path: string,
  required: readonly string[],
  optional: readonly string[],
): void {
  check.template(value, path);
  if (isExpression(value) || !check.object(value, path, [...required, ...optional])) return;
  for (const name of required) {
    if (value[name] === undefined) check.add(`${path}/${name}`, 'is missing');
  }
}
