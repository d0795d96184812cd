-- What of a node is kept when its disk and its address are not: machine name and port.
alter table node add column name {text};
