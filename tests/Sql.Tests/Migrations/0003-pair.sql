create table pair (id {bigint} not null primary key, payload {blob} not null);
