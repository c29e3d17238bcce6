-- What is remembered for a short while: attempts that are counted, codes that were used. All
-- processes must see the same, so it lies in the database; it survives no crash and need not.
create unlogged table if not exists kit_cache (
  cache_key varchar(255) primary key,
  value text not null,
  expires timestamptz not null
);
create index if not exists kit_cache_expires on kit_cache (expires);
