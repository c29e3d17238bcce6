-- A page was handed in: its pay leaves the batch's escrow for the worker, and, where the page is
-- accepted at once, the portal's share and the platform's fee leave with it. Called inside the
-- transaction that stores the answers. The source names the page, so that it is never paid twice.
drop function if exists pay_earn(bigint, bigint, bigint, bigint, bigint, text, text, boolean);
create or replace function pay_earn(
  p_escrow bigint, p_earning bigint, p_share_account bigint, p_fee_account bigint,
  p_pay bigint, p_share bigint, p_fee bigint, p_currency text, p_source text, p_accepted boolean)
returns void language plpgsql as $$
begin
  perform ledger_append(p_escrow, p_earning, p_pay, p_currency, 'earn', p_source);
  if p_accepted and p_share > 0 then
    perform ledger_append(p_escrow, p_share_account, p_share, p_currency, 'share', p_source);
  end if;
  if p_accepted and p_fee > 0 then
    perform ledger_append(p_escrow, p_fee_account, p_fee, p_currency, 'fee', p_source);
  end if;
end $$;
