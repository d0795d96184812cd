// @aws-sdk/client-s3 and lib-storage: argv = endpoint, bucket, files folder, large file, target folder.
import { S3Client, CreateBucketCommand, PutObjectCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command,
  DeleteObjectsCommand, DeleteBucketCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createReadStream, createWriteStream, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';

const [endpoint, bucket, files, large, target] = process.argv.slice(2);
const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1 });
const Bucket = bucket;

await client.send(new CreateBucketCommand({ Bucket }));
const names = readdirSync(files, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile()).map((entry) => relative(files, join(entry.parentPath ?? entry.path, entry.name)));

async function each(list, width, work) {
  const rest = [...list];
  await Promise.all(Array.from({ length: width }, async () => { while (rest.length) await work(rest.pop()); }));
}

// A stream of unknown length goes through lib-storage; a known one through PutObject with a streaming body.
await each(names, 8, async (name) => {
  if (name.length % 2 === 0) {
    const Body = createReadStream(join(files, name));
    await new Upload({ client, params: { Bucket, Key: `files/${name}`, Body } }).done();
  } else {
    const { size } = (await import('node:fs')).statSync(join(files, name));
    await client.send(new PutObjectCommand({ Bucket, Key: `files/${name}`, Body: createReadStream(join(files, name)),
      ContentLength: size, Metadata: { name: encodeURIComponent(name) } }));
  }
});
await new Upload({ client, queueSize: 4, partSize: 8 << 20,
  params: { Bucket, Key: 'large.bin', Body: createReadStream(large) } }).done();

const listed = [];
for (let token; ;) {
  const page = await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 100, ContinuationToken: token }));
  listed.push(...(page.Contents ?? []).map((object) => object.Key));
  token = page.NextContinuationToken;
  if (!page.IsTruncated) break;
}
if (listed.length !== names.length + 1) throw new Error(`listed ${listed.length} keys of ${names.length + 1}`);

await each(listed, 8, async (key) => {
  const path = join(target, key);
  mkdirSync(dirname(path), { recursive: true });
  const object = await client.send(new GetObjectCommand({ Bucket, Key: key, ChecksumMode: 'ENABLED' }));
  await pipeline(object.Body, createWriteStream(path));
});
const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'large.bin' }));
if (!/-\d+"$/.test(head.ETag)) throw new Error(`the ETag of a multipart object is ${head.ETag}`);
const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: listed[0] }), { expiresIn: 60 });
const answer = await fetch(url);
if (!answer.ok) throw new Error(`the presigned URL answered ${answer.status}: ${await answer.text()}`);
await answer.arrayBuffer();
for (let i = 0; i < listed.length; i += 1000) {
  const Objects = listed.slice(i, i + 1000).map((Key) => ({ Key }));
  const done = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  if (done.Errors?.length) throw new Error(JSON.stringify(done.Errors[0]));
}
await client.send(new DeleteBucketCommand({ Bucket }));
console.log('done');
