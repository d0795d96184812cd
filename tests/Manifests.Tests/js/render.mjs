// node render.mjs DIRECTORY: the objects of a kustomization as a JSON array.
import { render } from './kustomize.mjs';

console.log(JSON.stringify(render(process.argv[2])));
