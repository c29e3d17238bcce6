-- The ledger's own rules, held by the database.
--
-- `txid` is the transaction that wrote a transfer. Everything below a snapshot's xmin has ended, so
-- "folded up to horizon" is exact although transactions commit in another order than they began.

-- A dump restored into another cluster carries horizons that mean nothing there: folding discards
-- them.
alter table ledger_transfer
  add column if not exists txid xid8 not null default pg_current_xact_id();
alter table ledger_balance add column if not exists horizon xid8 not null default '0'::xid8;
create index if not exists transfers_out_of on ledger_transfer (debit, txid);
create index if not exists transfers_into on ledger_transfer (credit, txid);

create or replace trigger transfers_are_append_only
  before update or delete or truncate on ledger_transfer
  for each statement execute function kit_refuse_change();

create or replace trigger accounts_are_append_only
  before update or delete or truncate on ledger_account
  for each statement execute function kit_refuse_change();

-- Both accounts exist and have the transfer's currency. A plain read suffices, since accounts never
-- change; a foreign key would lock the escrow's row for every worker of a batch at once.
create or replace function ledger_check_accounts() returns trigger language plpgsql as $$
declare wrong record;
begin
  select t.* into wrong from added t
   where (select a.currency from ledger_account a where a.id = t.debit) is distinct from t.currency
      or (select a.currency from ledger_account a where a.id = t.credit) is distinct from t.currency
   limit 1;
  if found then
    raise exception 'Transfer % of % is in %, which is not the currency of both accounts.',
      wrong.reason, wrong.source, wrong.currency using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;

create or replace trigger transfers_agree_with_accounts
  after insert on ledger_transfer referencing new table as added
  for each statement execute function ledger_check_accounts();

-- What an account holds now: the folded part and what came since.
create or replace function ledger_balance(p_account bigint) returns bigint
language plpgsql stable as $$
declare folded bigint := 0; since xid8 := '0'; given bigint; taken bigint;
begin
  select b.amount, b.horizon into folded, since
    from ledger_balance b where b.account_id = p_account;
  if not found or since > pg_snapshot_xmax(pg_current_snapshot()) then
    folded := 0; since := '0';
  end if;
  select coalesce(sum(t.amount), 0) into given from ledger_transfer t
   where t.credit = p_account and t.txid >= since;
  select coalesce(sum(t.amount), 0) into taken from ledger_transfer t
   where t.debit = p_account and t.txid >= since;
  return folded + given - taken;
end $$;

-- Add to every folded balance what has been posted since, up to a horizon that no running
-- transaction can still write below. Safe beside writers; one folder at a time.
create or replace function ledger_fold() returns integer language plpgsql as $$
declare upto xid8 := pg_snapshot_xmin(pg_current_snapshot()); n integer;
begin
  if not pg_try_advisory_xact_lock(hashtext('ledger_fold')) then return 0; end if;
  delete from ledger_balance where horizon > upto;
  insert into ledger_balance (account_id, amount, horizon)
    select a.id, 0, '0' from ledger_account a
     where not exists (select from ledger_balance b where b.account_id = a.id);
  with since as (
    select b.account_id,
           coalesce((select sum(t.amount) from ledger_transfer t where t.credit = b.account_id
                       and t.txid >= b.horizon and t.txid < upto), 0)
         - coalesce((select sum(t.amount) from ledger_transfer t where t.debit = b.account_id
                       and t.txid >= b.horizon and t.txid < upto), 0) as change
      from ledger_balance b)
  update ledger_balance b set amount = b.amount + s.change, horizon = upto
    from since s where s.account_id = b.account_id and (s.change <> 0 or b.horizon = '0'::xid8);
  get diagnostics n = row_count;
  return n;
end $$;

-- Append one transfer from inside another function of the same transaction (the hot path).
create or replace function ledger_append(
  p_debit bigint, p_credit bigint, p_amount bigint, p_currency text, p_reason text, p_source text)
returns void language sql as $$
  insert into ledger_transfer (debit, credit, amount, currency, reason, source)
  values (p_debit, p_credit, p_amount, p_currency, p_reason, p_source)
$$;
