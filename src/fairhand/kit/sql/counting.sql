-- How often something happened within a span of time; read and written by one statement.
create unlogged table if not exists kit_count (
  key varchar(120) not null,
  span bigint not null,  -- seconds since 1970, divided by the span's length
  n integer not null,
  until timestamptz not null,
  primary key (key, span)
);
create index if not exists kit_count_until on kit_count (until);
