-- Channels of events with the number of their newest row; a number is taken under this row's lock, so that numbers
-- become visible in their order.
create table event_number (
  channel {text} primary key,
  number {bigint} not null
) {without_rowid};

insert into event_number (channel, number) values ('credentials', 0);

-- What has changed about credentials, for those who keep them in memory. scope: 0 a credential, 1 a project's,
-- 2 a tenant's. Kept for 15 minutes.
create table credential_change (
  number {bigint} primary key,
  scope {bigint} not null,
  subject {text} not null,
  at_ms {bigint} not null
) {without_rowid};
