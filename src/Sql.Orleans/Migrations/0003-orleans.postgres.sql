-- What Microsoft Orleans keeps in PostgreSQL: docs/spec/orleans-sql.md. An embedded database has no members, and its
-- reminders and states stay in the tables of 0001.

-- Silos of the former release do not know these tables: with both kinds running, every grain would live twice. A living
-- one counts its renewals up every 500 ms, and its lease is over 3 s after its last; so they are watched for a little
-- longer, without the clock of any machine, and again once nobody can renew or join any more.
do $guard$
declare
  renewed constant text := $$
    select coalesce(string_agg(address || ' ' || renewals, ',' order by address), '')
    from silo where gone is null and not ended $$;
  before text;
  now_is text;
begin
  execute renewed into before;
  for i in 0..13 loop
    if before = '' or i = 13 then
      lock table silo in access exclusive mode;
    else
      perform pg_sleep(0.25);
    end if;
    execute renewed into now_is;
    if now_is <> before then
      raise exception 'silos of the former release still run: stop them all, then start this one';
    end if;
    exit when before = '';
  end loop;
end
$guard$;

drop table silo, cluster_view, cluster_state;

-- The stored queries: all that Orleans reads of this schema by name.
create table OrleansQuery (
  QueryKey {text} not null primary key,
  QueryText {text} not null
);

-- Members -----------------------------------------------------------------------------------------------------------

-- one row per cluster; every change of its silos but a sign of life raises the version by one
create table orleans_membership (
  deployment_id {text} not null primary key,
  version integer not null default 0
);

create table orleans_silo (
  deployment_id {text} not null references orleans_membership on delete cascade,
  address {text} not null,
  port integer not null,
  generation integer not null,
  silo_name {text} not null,
  host_name {text} not null,
  status integer not null,
  proxy_port integer not null,
  suspect_times {text},
  start_time timestamptz not null,
  alive_time timestamptz not null,
  primary key (deployment_id, address, port, generation)
);

-- A changing statement locks the version's row first, if it still has the number that the writer has read: of writers
-- at the same time the others wait for it there, find another number, and change nothing.
insert into OrleansQuery (QueryKey, QueryText) values
('InsertMembershipVersionKey', $q$
with added as (
  insert into orleans_membership (deployment_id) values (@DeploymentId) on conflict do nothing returning 1)
select count(*)::integer from added
$q$),
('InsertMembershipKey', $q$
with locked as (
  select deployment_id from orleans_membership
  where deployment_id = @DeploymentId and version = @Version for update),
added as (
  insert into orleans_silo (deployment_id, address, port, generation, silo_name, host_name, status, proxy_port,
    start_time, alive_time)
  select deployment_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime,
    @IAmAliveTime
  from locked
  on conflict do nothing returning deployment_id),
raised as (
  update orleans_membership m set version = m.version + 1
  from added where m.deployment_id = added.deployment_id returning 1)
select count(*)::integer from raised
$q$),
('UpdateMembershipKey', $q$
with locked as (
  select deployment_id from orleans_membership
  where deployment_id = @DeploymentId and version = @Version for update),
changed as (
  update orleans_silo s set status = @Status, suspect_times = @SuspectTimes, alive_time = @IAmAliveTime
  from locked
  where s.deployment_id = locked.deployment_id and s.address = @Address and s.port = @Port
    and s.generation = @Generation
  returning s.deployment_id),
raised as (
  update orleans_membership m set version = m.version + 1
  from changed where m.deployment_id = changed.deployment_id returning 1)
select count(*)::integer from raised
$q$),
('UpdateIAmAlivetimeKey', $q$
update orleans_silo set alive_time = @IAmAliveTime
where deployment_id = @DeploymentId and address = @Address and port = @Port and generation = @Generation
$q$),
('MembershipReadRowKey', $q$
select m.deployment_id as DeploymentId, s.address as Address, s.port as Port, s.generation as Generation,
  s.silo_name as SiloName, s.host_name as HostName, s.status as Status, s.proxy_port as ProxyPort,
  s.suspect_times as SuspectTimes, s.start_time as StartTime, s.alive_time as IAmAliveTime, m.version as Version
from orleans_membership m
left join orleans_silo s on s.deployment_id = m.deployment_id and s.address = @Address and s.port = @Port
  and s.generation = @Generation
where m.deployment_id = @DeploymentId
$q$),
('MembershipReadAllKey', $q$
select m.deployment_id as DeploymentId, s.address as Address, s.port as Port, s.generation as Generation,
  s.silo_name as SiloName, s.host_name as HostName, s.status as Status, s.proxy_port as ProxyPort,
  s.suspect_times as SuspectTimes, s.start_time as StartTime, s.alive_time as IAmAliveTime, m.version as Version
from orleans_membership m
left join orleans_silo s on s.deployment_id = m.deployment_id
where m.deployment_id = @DeploymentId
$q$),
('DeleteMembershipTableEntriesKey', $q$
delete from orleans_membership where deployment_id = @DeploymentId
$q$),
('GatewaysQueryKey', $q$
select address as Address, proxy_port as ProxyPort, generation as Generation
from orleans_silo
where deployment_id = @DeploymentId and status = @Status and proxy_port > 0
$q$),
('CleanupDefunctSiloEntriesKey', $q$
delete from orleans_silo
where deployment_id = @DeploymentId and alive_time < @IAmAliveTime and status <> 3
$q$),
-- the row as its reader saw it; no suspicions read the same whether they were stored as null or as no text
('CleanupDefunctSiloEntryKey', $q$
delete from orleans_silo
where deployment_id = @DeploymentId and address = @Address and port = @Port and generation = @Generation
  and status = 6 and start_time = @StartTime and alive_time = @IAmAliveTime
  and coalesce(suspect_times, '') = coalesce(@SuspectTimes, '')
$q$);

-- Grain states --------------------------------------------------------------------------------------------------------

-- grain_state of 0001 has never had a row in any release: no grain has used it, so nothing is carried over. It stays,
-- empty: a program of the former release that is started by mistake fails at making it, instead of making its tables of
-- members anew and running beside this one.

-- version starts at a random number, so that a removed and newly written state never has an old version's number
create table orleans_state (
  grain_id_hash integer not null,
  grain_type_hash integer not null,
  grain_id_n0 bigint not null,
  grain_id_n1 bigint not null,
  grain_id_extension {text},
  grain_type {text} not null,
  service_id {text} not null,
  version integer not null,
  payload {blob},
  written timestamptz not null default now()
);

create unique index orleans_state_identity on orleans_state
  (grain_id_hash, grain_type_hash, grain_id_n0, grain_id_n1, grain_id_extension, grain_type, service_id)
  nulls not distinct;

insert into OrleansQuery (QueryKey, QueryText) values
('ReadFromStorageKey', $q$
select payload as PayloadBinary, version as Version, now() as ReadTime
from orleans_state
where grain_id_hash = @GrainIdHash and grain_type_hash = @GrainTypeHash
  and grain_id_n0 = @GrainIdN0 and grain_id_n1 = @GrainIdN1
  and grain_id_extension is not distinct from @GrainIdExtensionString
  and grain_type = @GrainTypeString and service_id = @ServiceId
$q$),
('WriteToStorageKey', $q$
with changed as (
  update orleans_state set version = version + 1, payload = @PayloadBinary, written = now()
  where grain_id_hash = @GrainIdHash and grain_type_hash = @GrainTypeHash
    and grain_id_n0 = @GrainIdN0 and grain_id_n1 = @GrainIdN1
    and grain_id_extension is not distinct from @GrainIdExtensionString
    and grain_type = @GrainTypeString and service_id = @ServiceId
    and version = @GrainStateVersion
  returning version),
added as (
  insert into orleans_state (grain_id_hash, grain_type_hash, grain_id_n0, grain_id_n1, grain_id_extension, grain_type,
    service_id, version, payload)
  select @GrainIdHash, @GrainTypeHash, @GrainIdN0, @GrainIdN1, @GrainIdExtensionString, @GrainTypeString,
    @ServiceId, floor(random() * 1000000000)::integer, @PayloadBinary
  where @GrainStateVersion is null
  on conflict do nothing returning version)
select coalesce((select version from changed), (select version from added)) as NewGrainStateVersion
$q$),
('ClearStorageKey', $q$
with changed as (
  update orleans_state set version = version + 1, payload = null, written = now()
  where grain_id_hash = @GrainIdHash and grain_type_hash = @GrainTypeHash
    and grain_id_n0 = @GrainIdN0 and grain_id_n1 = @GrainIdN1
    and grain_id_extension is not distinct from @GrainIdExtensionString
    and grain_type = @GrainTypeString and service_id = @ServiceId
    and version = @GrainStateVersion
  returning version)
select (select version from changed) as NewGrainStateVersion
$q$),
('DeleteStorageKey', $q$
with removed as (
  delete from orleans_state
  where grain_id_hash = @GrainIdHash and grain_type_hash = @GrainTypeHash
    and grain_id_n0 = @GrainIdN0 and grain_id_n1 = @GrainIdN1
    and grain_id_extension is not distinct from @GrainIdExtensionString
    and grain_type = @GrainTypeString and service_id = @ServiceId
    and version = @GrainStateVersion
  returning version)
select (select version + 1 from removed) as NewGrainStateVersion
$q$);

-- Reminders -----------------------------------------------------------------------------------------------------------

-- hashes are unsigned in Orleans and stored as the signed number with the same bits
create table orleans_reminder (
  service_id {text} not null,
  grain_id {text} not null,
  name {text} not null,
  grain_hash integer not null,
  start_time timestamptz not null,
  period_ms bigint not null,
  version integer not null,
  primary key (service_id, grain_id, name)
);

create index orleans_reminder_by_hash on orleans_reminder (service_id, grain_hash);

insert into orleans_reminder (service_id, grain_id, name, grain_hash, start_time, period_ms, version)
select 'vault', convert_from(grain_id, 'UTF8'), name,
  (case when grain_hash >= 2147483648 then grain_hash - 4294967296 else grain_hash end)::integer,
  timestamptz 'epoch' + start_ms * interval '1 millisecond', period_ms, floor(random() * 1000000000)::integer
from reminder;

drop table reminder;

insert into OrleansQuery (QueryKey, QueryText) values
('UpsertReminderRowKey', $q$
insert into orleans_reminder as r (service_id, grain_id, name, grain_hash, start_time, period_ms, version)
values (@ServiceId, @GrainId, @ReminderName, @GrainHash, @StartTime, @Period, floor(random() * 1000000000)::integer)
on conflict (service_id, grain_id, name) do update
  set start_time = excluded.start_time, period_ms = excluded.period_ms, version = r.version + 1
returning version as Version
$q$),
('ReadReminderRowsKey', $q$
select grain_id as GrainId, name as ReminderName, start_time as StartTime, period_ms as Period, version as Version
from orleans_reminder
where service_id = @ServiceId and grain_id = @GrainId
order by name
$q$),
('ReadReminderRowKey', $q$
select grain_id as GrainId, name as ReminderName, start_time as StartTime, period_ms as Period, version as Version
from orleans_reminder
where service_id = @ServiceId and grain_id = @GrainId and name = @ReminderName
$q$),
('ReadRangeRows1Key', $q$
select grain_id as GrainId, name as ReminderName, start_time as StartTime, period_ms as Period, version as Version
from orleans_reminder
where service_id = @ServiceId and grain_hash > @BeginHash and grain_hash <= @EndHash
$q$),
('ReadRangeRows2Key', $q$
select grain_id as GrainId, name as ReminderName, start_time as StartTime, period_ms as Period, version as Version
from orleans_reminder
where service_id = @ServiceId and (grain_hash > @BeginHash or grain_hash <= @EndHash)
$q$),
('DeleteReminderRowKey', $q$
with removed as (
  delete from orleans_reminder
  where service_id = @ServiceId and grain_id = @GrainId and name = @ReminderName and version = @Version
  returning 1)
select count(*)::integer from removed
$q$),
('DeleteReminderRowsKey', $q$
delete from orleans_reminder where service_id = @ServiceId
$q$);
