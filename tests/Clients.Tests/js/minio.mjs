// minio-js: argv = endpoint, bucket, files folder, large file, target folder.
import { Client } from 'minio';
import { mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const [endpoint, bucket, files, large, target] = process.argv.slice(2);
const { hostname, port, protocol } = new URL(endpoint);
const client = new Client({ endPoint: hostname, port: Number(port), useSSL: protocol === 'https:', region: 'us-east-1',
  accessKey: process.env.AWS_ACCESS_KEY_ID, secretKey: process.env.AWS_SECRET_ACCESS_KEY });

await client.makeBucket(bucket, 'us-east-1');
if (!(await client.bucketExists(bucket))) throw new Error('the bucket is not there');
const names = readdirSync(files, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile()).map((entry) => relative(files, join(entry.parentPath ?? entry.path, entry.name)));
const rest = [...names];
await Promise.all(Array.from({ length: 8 }, async () => {
  while (rest.length) {
    const name = rest.pop();
    await client.fPutObject(bucket, `files/${name}`, join(files, name), { 'x-amz-meta-kind': 'test' });
  }
}));
await client.fPutObject(bucket, 'large.bin', large);

const listed = [];
for await (const object of client.listObjectsV2(bucket, '', true)) listed.push(object.name);
if (listed.length !== names.length + 1) throw new Error(`listed ${listed.length} keys of ${names.length + 1}`);
const get = [...listed];
await Promise.all(Array.from({ length: 8 }, async () => {
  while (get.length) {
    const key = get.pop();
    mkdirSync(dirname(join(target, key)), { recursive: true });
    await client.fGetObject(bucket, key, join(target, key));
  }
}));
const stat = await client.statObject(bucket, listed[0]);
if (stat.metaData.kind !== 'test') throw new Error(`metadata came back as ${JSON.stringify(stat.metaData)}`);
const url = await client.presignedGetObject(bucket, listed[0], 60);
const answer = await fetch(url);
if (!answer.ok) throw new Error(`the presigned URL answered ${answer.status}: ${await answer.text()}`);
await answer.arrayBuffer();
const incomplete = [];
for await (const upload of client.listIncompleteUploads(bucket, '', true)) incomplete.push(upload);
if (incomplete.length) throw new Error('an upload was left incomplete');
await client.removeObjects(bucket, listed);
await client.removeBucket(bucket);
console.log('done');
