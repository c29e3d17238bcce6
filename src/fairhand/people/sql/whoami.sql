-- Which worker is this, and what was last asked of them? The hot path asks inside its own
-- statement, so that asking costs no round trip. `p_kind` is 'key' (p_secret: the key's SHA-256 in
-- hex) or 'session' (p_secret: its key). Null: nobody, or not an active worker.
-- `stamp` differs from before when anything changed that gates ask (see people/gates.py): both of
-- its parts only grow, so their sum never comes back to what it was.
drop function if exists people_worker(text, text);
create function people_worker(p_kind text, p_secret text, out worker bigint, out stamp bigint)
language plpgsql stable as $$
declare found_id bigint;
begin
  if p_kind = 'key' then
    select k.account_id into found_id from people_apikey k
     where k.digest = p_secret and k.scopes ? 'work' and k.organisation_id is null
       and (k.expires_at is null or k.expires_at > now());
  else
    select s.account_id into found_id from people_session s
     where s.session_key = p_secret and s.expire_date > now();
  end if;
  if found_id is null then return; end if;
  select w.account_id, w.stamp + (select r.stamp from people_rules r where r.id = 1)
    into worker, stamp
    from people_worker w join people_account a on a.id = w.account_id
   where w.account_id = found_id and a.is_active
     and (w.standing = 'active' or (w.standing = 'suspended' and w.suspended_until <= now()));
end $$;
