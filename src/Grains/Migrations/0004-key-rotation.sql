-- Seals that front ends took of each generation of a bucket's key; what a process took and did not use is lost.
create table bucket_seal (
  bucket_id {blob} not null,
  key_no {bigint} not null,
  taken {bigint} not null,
  primary key (bucket_id, key_no)
) {without_rowid};

-- X25519, so that the next generation of a bucket's key can be boxed to it. Null: made by a version before this one.
alter table credential add column public_key {blob};
