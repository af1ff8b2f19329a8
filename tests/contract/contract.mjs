// The contract, api/openapi.yaml, as something to hold answers against.
//
//   const contract = new Contract();
//   contract.check('GET', '/admin/tiers?x=1', answer);    // throws where they differ
//   contract.unseen();                                     // operations nobody has driven yet
import { readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import Ajv2020 from 'ajv/dist/2020.js';
import { parse } from 'yaml';

const file = new URL('../../api/openapi.yaml', import.meta.url);

export const document = parse(readFileSync(file, 'utf8'));

const escaped = (part) => part.replaceAll('~', '~0').replaceAll('/', '~1');
const pointer = (...parts) => `contract#/${parts.map((part) => encodeURIComponent(escaped(part))).join('/')}`;

export class Contract {
  #ajv = new Ajv2020({ strict: false, allErrors: true });
  #seen = new Set();

  constructor() {
    this.#ajv.addSchema(document, 'contract');
  }

  // The path of the contract that this one is an example of.
  pathOf(path) {
    const plain = path.split('?')[0];
    const all = Object.keys(document.paths);
    return (
      all.find((each) => each === plain) ??
      all.find((each) => new RegExp(`^${each.replace(/\{\w+\}/g, '[^/]+')}$`).test(plain))
    );
  }

  operation(method, path) {
    const template = this.pathOf(path);
    return template && document.paths[template][method.toLowerCase()];
  }

  #validate(schema, value, what) {
    const validate = this.#ajv.getSchema(schema) ?? this.#ajv.compile({ $ref: schema });
    if (validate(value)) return;
    const errors = validate.errors.map(({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`);
    assert.fail(`${what} is not as the contract says:\n  ${errors.join('\n  ')}\n  ${JSON.stringify(value)?.slice(0, 2000)}`);
  }

  // `answer`: { status, headers, body }, as lib/relay.mjs gives it.
  check(method, path, answer, body) {
    const what = `${answer.status} of ${method} ${path}`;
    const operation = this.operation(method, path);
    assert.ok(operation, `${method} ${path} is not in the contract`);
    let at = ['paths', this.pathOf(path), method.toLowerCase(), 'responses', String(answer.status)];
    let response = operation.responses[answer.status];
    assert.ok(response, `${what} is not in the contract: ${JSON.stringify(answer.body)}`);
    if (response.$ref) {
      at = response.$ref.slice(2).split('/');
      response = document.components.responses[at.at(-1)];
    }
    for (const [name, header] of Object.entries(response.headers ?? {})) {
      if (header.required) assert.match(answer.headers.get(name) ?? '', new RegExp(header.schema.pattern), `${what}: ${name}`);
    }
    if (!response.content) {
      assert.equal(answer.body, '', `${what} has a body`);
    } else {
      const type = answer.headers.get('content-type').split(';')[0];
      assert.ok(response.content[type], `${what} is ${type}`);
      if (type === 'application/json') this.#validate(pointer(...at, 'content', type, 'schema'), answer.body, what);
    }
    if (answer.status < 300 && body !== undefined) {
      this.#validate(pointer('paths', this.pathOf(path), method.toLowerCase(), 'requestBody', 'content', 'application/json', 'schema'), body, `the body of ${method} ${path}`);
    }
    this.#seen.add(`${operation.operationId} ${answer.status}`);
  }

  // Successes and failures that the contract names and no answer was.
  unseen(statuses = (status) => status < 300) {
    const missing = [];
    for (const item of Object.values(document.paths)) {
      for (const operation of Object.values(item)) {
        for (const status of Object.keys(operation.responses ?? {})) {
          const name = `${operation.operationId} ${status}`;
          if (statuses(Number(status)) && !this.#seen.has(name)) missing.push(name);
        }
      }
    }
    return missing;
  }

  // Every example in the contract is what its schema says.
  checkExamples() {
    const visit = (node, at) => {
      if (node === null || typeof node !== 'object') return;
      if (node.schema && 'example' in node) this.#validate(pointer(...at, 'schema'), node.example, `the example at ${at.join('/')}`);
      for (const [name, child] of Object.entries(node)) {
        if (name !== 'example' && name !== 'examples') visit(child, [...at, name]);
      }
    };
    visit(document, []);
  }
}
