-- A page was handed in: its pay leaves the batch's escrow for the worker, and, where the page is
-- accepted at once, the platform's fee leaves with it. Called inside the transaction that stores
-- the answers. The source names the page, so that it can never be paid twice.
create or replace function pay_earn(
  p_escrow bigint, p_earning bigint, p_fee_account bigint,
  p_pay bigint, p_fee bigint, p_currency text, p_source text, p_accepted boolean)
returns void language plpgsql as $$
begin
  perform ledger_append(p_escrow, p_earning, p_pay, p_currency, 'earn', p_source);
  if p_accepted and p_fee > 0 then
    perform ledger_append(p_escrow, p_fee_account, p_fee, p_currency, 'fee', p_source);
  end if;
end $$;
