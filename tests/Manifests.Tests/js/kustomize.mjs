// The part of kustomize that k8s/ uses; what it does not know it refuses, so that nothing is left out in silence.
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { byJsonPatch, byMerge } from './patches.mjs';

const known = new Set([
  'apiVersion', 'kind', 'namespace', 'resources', 'labels', 'images', 'replicas', 'patches', 'configMapGenerator',
]);
const unscoped = new Set(['Namespace', 'ClusterRole', 'ClusterRoleBinding', 'PriorityClass', 'StorageClass']);

/** The objects of a kustomization directory, as `kubectl apply -k` would send them. */
export function render(directory) {
  const objects = build(directory);
  for (const object of objects) delete object[generated];
  return objects;
}

/** Marks a generated ConfigMap: its name is the reference, its value the name with the hash of what it holds. */
const generated = Symbol('generated');

function build(directory) {
  const file = join(directory, 'kustomization.yaml');
  const kustomization = parse(readFileSync(file, 'utf8'));
  for (const field of Object.keys(kustomization)) {
    if (!known.has(field)) throw new Error(`${file}: this renderer does not know '${field}'`);
  }
  let objects = (kustomization.resources ?? []).flatMap(path => load(join(directory, path)));
  for (const generator of kustomization.configMapGenerator ?? []) generate(objects, generator, directory);
  for (const patch of kustomization.patches ?? []) objects = apply(objects, patch, directory);
  for (const entry of kustomization.labels ?? []) label(objects, entry, file);
  if (kustomization.namespace) place(objects, kustomization.namespace);
  for (const replica of kustomization.replicas ?? []) scale(objects, replica, file);
  for (const image of kustomization.images ?? []) retag(objects, image);
  hash(objects);
  requireUnique(objects, file);
  return objects;
}

function load(path) {
  if (statSync(path).isDirectory()) return build(path);
  return documents(readFileSync(path, 'utf8'), path);
}

/** Kubernetes' parser is one of YAML 1.1 and a half: what 1.1 and 1.2 read differently (0440, 8:30, no) is refused. */
function documents(text, path) {
  const [newer, older] = ['1.2', '1.1'].map(version => parseAllDocuments(text, { version }).map(document => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS();
  }));
  if (JSON.stringify(newer) !== JSON.stringify(older))
    throw new Error(`${path}: quote what YAML 1.1 reads differently`);
  return newer.filter(object => object !== null);
}

function generate(objects, generator, directory) {
  const { name, literals = [], files = [], behavior = 'create', ...rest } = generator;
  if (Object.keys(rest).length > 0) throw new Error(`configMapGenerator: unknown ${Object.keys(rest)}`);
  const data = {};
  for (const literal of literals) {
    const at = literal.indexOf('=');
    data[literal.slice(0, at)] = literal.slice(at + 1);
  }
  for (const entry of files) {
    const [key, path] = entry.includes('=') ? entry.split('=') : [basename(entry), entry];
    data[key] = readFileSync(join(directory, path), 'utf8');
  }
  const before = objects.find(object => object.kind === 'ConfigMap' && object[generated] === name);
  if (behavior === 'create' && !before) {
    objects.push({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data, [generated]: name });
  } else if (behavior === 'merge' && before) {
    Object.assign(before.data, data);
  } else {
    throw new Error(`configMapGenerator: '${name}' cannot be ${behavior}d`);
  }
}

function apply(objects, patch, directory) {
  const text = patch.patch ?? readFileSync(join(directory, patch.path), 'utf8');
  const { patch: _, path: __, target, ...rest } = patch;
  if (Object.keys(rest).length > 0) throw new Error(`patches: unknown ${Object.keys(rest)}`);
  for (const body of documents(text, patch.path ?? 'patch')) {
    const of = target ?? { kind: body.kind, name: body.metadata.name };
    const hits = objects.filter(object => matches(object, of));
    if (hits.length === 0) throw new Error(`patches: nothing is ${JSON.stringify(of)}`);
    for (const hit of hits) {
      if (Array.isArray(body)) byJsonPatch(hit, body);
      else if (body.$patch === 'delete') objects = objects.filter(object => object !== hit);
      else byMerge(hit, target ? targeted(body) : body);
    }
  }
  return objects;
}

/** With a target, what the patch calls itself does not count. */
function targeted({ apiVersion, kind, metadata: { name, ...metadata } = {}, ...body }) {
  return Object.keys(metadata).length > 0 ? { ...body, metadata } : body;
}

function matches(object, target) {
  const { kind, name, labelSelector, ...rest } = target;
  if (Object.keys(rest).length > 0) throw new Error(`patches: target by ${Object.keys(rest)} is not known`);
  const wanted = (labelSelector ?? '').split(',').filter(Boolean).map(pair => pair.split('='));
  return (!kind || object.kind === kind)
    && (!name || new RegExp(`^(?:${name})$`).test(object[generated] ?? object.metadata.name))
    && wanted.every(([key, value]) => object.metadata.labels?.[key] === value);
}

function label(objects, { pairs, ...rest }, file) {
  if (Object.keys(rest).length > 0) throw new Error(`${file}: labels: unknown ${Object.keys(rest)}`);
  for (const object of objects) object.metadata.labels = { ...object.metadata.labels, ...pairs };
}

function place(objects, namespace) {
  for (const object of objects) {
    if (object.kind === 'Namespace') object.metadata.name = namespace;
    else if (!unscoped.has(object.kind)) object.metadata.namespace = namespace;
  }
}

function scale(objects, { name, count }, file) {
  const hits = objects.filter(object => object.metadata.name === name && 'replicas' in (object.spec ?? {}));
  if (hits.length === 0) throw new Error(`${file}: replicas: nothing is named '${name}'`);
  for (const object of hits) object.spec.replicas = count;
}

function retag(objects, { name, newName, newTag, digest, ...rest }) {
  if (Object.keys(rest).length > 0) throw new Error(`images: unknown ${Object.keys(rest)}`);
  for (const container of objects.flatMap(containersOf)) {
    const { image } = container;
    const end = image.includes('@') ? image.indexOf('@') : image.lastIndexOf(':') > image.lastIndexOf('/')
      ? image.lastIndexOf(':') : image.length;
    if (image.slice(0, end) !== name) continue;
    const tail = digest ? `@${digest}` : newTag ? `:${newTag}` : image.slice(end);
    container.image = (newName ?? name) + tail;
  }
}

/** Containers of a workload, init containers too. */
export function containersOf(object) {
  const pod = object.spec?.template?.spec ?? object.spec?.jobTemplate?.spec?.template?.spec;
  return [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])];
}

/** Generated names end in a hash of what they hold, so that a change rolls the pods; references follow. */
function hash(objects) {
  for (const object of objects.filter(object => object[generated])) {
    const digest = createHash('sha256').update(JSON.stringify(Object.entries(object.data).sort())).digest('hex');
    const [before, after] = [object.metadata.name, `${object[generated]}-${digest.slice(0, 10)}`];
    object.metadata.name = after;
    for (const other of objects) {
      const pod = other.spec?.template?.spec;
      for (const container of containersOf(other)) {
        for (const source of container.envFrom ?? []) rename(source.configMapRef, before, after);
        for (const entry of container.env ?? []) rename(entry.valueFrom?.configMapKeyRef, before, after);
      }
      for (const volume of pod?.volumes ?? []) rename(volume.configMap, before, after);
    }
  }
}

function rename(reference, before, after) {
  if (reference?.name === before) reference.name = after;
}

function requireUnique(objects, file) {
  const seen = new Set();
  for (const { apiVersion, kind, metadata } of objects) {
    const id = `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
    if (seen.has(id)) throw new Error(`${file}: ${id} is there twice`);
    seen.add(id);
  }
}
