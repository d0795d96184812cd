// node check.mjs < OBJECTS.json: one line for each fault of a JSON array of Kubernetes objects.
// Two looks at what the Kubernetes project publishes, through the package that carries it: the JSON schemas (types,
// patterns, required members), and the types made from them, which alone know that a member is unknown.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const here = dirname(fileURLToPath(import.meta.url));
const faults = [];
const objects = JSON.parse(readFileSync(0, 'utf8'));

const carriers = {
  'cert-manager.io': '@kubernetes-models/cert-manager',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
};
const moduleOf = ({ apiVersion, kind }) => {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
  const carrier = carriers[group] ?? 'kubernetes-models';
  return `${carrier}/${apiVersion}/${kind}`;
};
const nameOf = ({ kind, metadata }) => `${kind}/${metadata?.name}`;

for (const object of objects) {
  let model;
  try {
    model = await import(moduleOf(object));
  } catch {
    faults.push(`${nameOf(object)}: Kubernetes has no ${object.apiVersion} ${object.kind}`);
    continue;
  }
  try {
    new model[object.kind](object).validate();
  } catch (fault) {
    faults.push(`${nameOf(object)}: ${fault.message}`);
  }
}

const known = objects.filter(object => !faults.some(fault => fault.includes(`${nameOf(object)}: Kubernetes has no`)));
const folder = mkdtempSync(join(here, '.check-'));
try {
  const file = join(folder, 'objects.mts');
  writeFileSync(file, known.map((object, i) =>
    `import type { I${object.kind} as K${i} } from '${moduleOf(object)}';\n`
    + `export const o${i}: K${i} = ${JSON.stringify(object, null, 1)};\n`).join(''));
  const program = ts.createProgram([file], {
    noEmit: true, strict: true, skipLibCheck: true, types: [], lib: ['lib.es2022.d.ts'],
    module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2022,
  });
  const source = program.getSourceFile(file);
  const diagnostics = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  for (const { start, messageText } of diagnostics) {
    const before = source.text.slice(0, start);
    const index = before.lastIndexOf('export const o');
    const object = index < 0 ? undefined : known[parseInt(before.slice(index + 'export const o'.length), 10)];
    const name = object ? nameOf(object) : 'objects';
    faults.push(`${name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

for (const fault of faults) console.log(fault);
