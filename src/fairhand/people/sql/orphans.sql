-- Rights that nobody should have: each row says what it is and which one. No rows: all is well.
-- Closed is whoever cannot sign in, and a worker who was excluded: the latter still sign in, to see
-- their money, so their browsers are no orphans.
with closed as (
  select a.id, a.is_active
    from people_account a left join people_worker w on w.account_id = a.id
   where not a.is_active or w.standing = 'expelled'
), kept_out as (
  -- Whoever may not work now, by their own choice as well; a suspension ends by the clock.
  select w.account_id as id
    from people_worker w join people_account a on a.id = w.account_id
   where not a.is_active or w.standing in ('expelled', 'closed')
      or (w.standing = 'suspended' and w.suspended_until > now())
)
select 'key of no member' as what, k.id
  from people_apikey k
 where k.organisation_id is not null
   and not exists (select from people_member m
                    where m.organisation_id = k.organisation_id and m.account_id = k.account_id)
union all
select 'key of a closed account', k.id
  from people_apikey k join closed c on c.id = k.account_id
union all
select 'key for work of somebody kept from it', k.id
  from people_apikey k join kept_out c on c.id = k.account_id
 where k.organisation_id is null and k.scopes ? 'work'
   and (k.expires_at is null or k.expires_at > now())
   and c.id not in (select id from closed)
union all
select 'link of a closed account', l.id
  from people_signinlink l join closed c on c.id = l.account_id
 where l.used_at is null and l.expires_at > now()
union all
select 'device of a closed account', d.id
  from people_pushdevice d join closed c on c.id = d.account_id
 where not c.is_active
union all
select 'duties of a closed account', o.account_id
  from people_operator o join closed c on c.id = o.account_id
 where cardinality(o.duties) > 0
union all
select 'way into a portal by a closed account', i.id
  from people_portalinvitation i join closed c on c.id = i.made_by_id
 where i.withdrawn_at is null and i.expires_at > now() and coalesce(i.uses_left, 1) > 0
union all
select 'suspension long over', w.account_id
  from people_worker w
 where w.standing = 'suspended' and w.suspended_until < now() - interval '1 day'
union all
select 'appeal long over', p.id
  from people_appeal p
 where p.state = 'open' and p.deadline < now() - interval '1 day'
union all
select 'token of a closed account', t.id
  from allauth_idp_oidc_token t join closed c on c.id = t.user_id
 where not c.is_active and (t.expires_at is null or t.expires_at > now())
union all
select 'session of a closed account', c.id
  from closed c
 where not c.is_active
   and exists (select from people_session s
                where (s.account_id = c.id or s.pending_id = c.id) and s.expire_date > now())
union all
select 'invitation beyond a right', i.id
  from people_invitation i
 where i.used_at is null and i.withdrawn_at is null and i.expires_at > now()
   and not exists (select from people_member m
                    where m.organisation_id = i.organisation_id and m.account_id = i.invited_by_id
                      and m.account_id not in (select id from closed)
                      and (m.role = 'owner' or (m.role = 'manager' and i.role <> 'owner')))
union all
select 'organisation without an owner', o.id
  from people_organisation o
 where exists (select from people_member m where m.organisation_id = o.id)
   and not exists (select from people_member m
                    where m.organisation_id = o.id and m.role = 'owner'
                      and m.account_id not in (select id from closed))
union all
select 'key replaced long ago', k.id
  from people_apikey k
 where k.replaced_by_id is not null
   and (k.expires_at is null or k.expires_at > now() + interval '25 hours')
union all
select 'approval asked by no operator', a.id
  from people_approval a
 where a.state = 'waiting' and a.expires_at > now()
   and not exists (select from people_operator o
                    where o.account_id = a.asked_by_id and cardinality(o.duties) > 0
                      and o.account_id not in (select id from closed))
union all
select 'sign-in of a removed service', s.id
  from socialaccount_socialaccount s
 where not exists (select from socialaccount_socialapp p
                    where s.provider in (p.provider_id, p.provider))
order by 1, 2
