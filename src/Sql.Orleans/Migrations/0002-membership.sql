-- the live set and its history (docs/spec/membership.md); used by a cluster, empty in an embedded database
create table cluster_state (
  id {bigint} not null primary key,
  view_number {bigint} not null,
  revision {bigint} not null
);

create table cluster_view (
  number {bigint} not null primary key,
  stamp {bigint} not null
);

create table silo (
  address {text} not null primary key,
  name {text} not null,
  process {text} not null,
  weight {bigint} not null,
  adverts {blob} not null,
  joined {bigint} not null,
  leaving {bigint},
  gone {bigint},
  retired {bool} not null,
  ended {bool} not null,
  renewals {bigint} not null,
  acknowledged {bigint} not null
);

insert into cluster_state (id, view_number, revision) values (1, 0, 0);
insert into cluster_view (number, stamp) values (0, 0);
