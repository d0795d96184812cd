// Strategic merge patches and JSON patches (RFC 6902) on Kubernetes objects.

/** Lists that are merged by a key; every other list is replaced. Kubernetes' API declares the keys. */
const keys = {
  containers: 'name', initContainers: 'name', env: 'name', volumes: 'name', volumeMounts: 'mountPath',
  imagePullSecrets: 'name', topologySpreadConstraints: 'topologyKey',
};

/** Ports of a container are known by containerPort, those of a Service by port. */
const keyOf = (field, item) => field === 'ports' ? ('containerPort' in item ? 'containerPort' : 'port') : keys[field];

/** Lays a strategic merge patch over an object. */
export function byMerge(object, patch) {
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith('$')) throw new Error(`patches: this renderer does not know '${field}' there`);
    if (value === null) delete object[field];
    else if (Array.isArray(value) && Array.isArray(object[field]) && isKeyed(field, value)) {
      mergeList(object[field], value, field);
    } else if (isObject(value)) {
      if (!isObject(object[field])) object[field] = {};
      byMerge(object[field], value);
    } else object[field] = value;
  }
}

const isObject = value => typeof value === 'object' && value !== null && !Array.isArray(value);

const isKeyed = (field, items) => items.length > 0 && isObject(items[0]) && keyOf(field, items.at(-1)) !== undefined;

function mergeList(list, items, field) {
  if (items.some(item => item.$patch === 'replace')) {
    list.splice(0, list.length, ...items.filter(item => item.$patch !== 'replace'));
    return;
  }
  // What the patch names comes first, in its order; the rest keeps its own.
  const named = [];
  for (const { $patch, ...item } of items) {
    const key = keyOf(field, item);
    const at = list.findIndex(other => other[key] === item[key]);
    const [before = {}] = at < 0 ? [] : list.splice(at, 1);
    if ($patch === 'delete') continue;
    if ($patch !== undefined) throw new Error(`patches: this renderer does not know '$patch: ${$patch}'`);
    byMerge(before, item);
    named.push(before);
  }
  list.unshift(...named);
}

/** Applies add, replace, remove and test. */
export function byJsonPatch(object, operations) {
  for (const { op, path, value } of operations) {
    const steps = path.split('/').slice(1).map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = steps.pop();
    const parent = steps.reduce((at, step) => {
      if (at?.[step] === undefined) throw new Error(`patches: ${path} leads nowhere`);
      return at[step];
    }, object);
    if (op !== 'add' && !(last in parent)) throw new Error(`patches: ${path} is not there`);
    if (op === 'add' && Array.isArray(parent)) parent.splice(last === '-' ? parent.length : Number(last), 0, value);
    else if (op === 'add' || op === 'replace') parent[last] = value;
    else if (op === 'remove' && Array.isArray(parent)) parent.splice(Number(last), 1);
    else if (op === 'remove') delete parent[last];
    else if (op === 'test') {
      if (JSON.stringify(parent[last]) !== JSON.stringify(value)) throw new Error(`patches: ${path} is another`);
    } else throw new Error(`patches: unknown operation '${op}'`);
  }
}
