-- Rights that nobody should have: each row says what it is and which one. No rows: all is well.
-- Closed is whoever cannot sign in, and a worker who was excluded: the latter still sign in, to see
-- their money, so their browsers are no orphans.
with closed as (
  select a.id, a.is_active
    from people_account a left join people_worker w on w.account_id = a.id
   where not a.is_active or w.standing = 'expelled'
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
