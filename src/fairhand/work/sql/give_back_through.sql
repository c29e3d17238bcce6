-- Give back every page that a worker holds through one portal: for who leaves it, and for all when
-- it closes. Returns how many. What they handed in and earned stays as it is.
create or replace function work_give_back_through(p_worker bigint, p_portal bigint)
returns integer
language plpgsql as $$
declare
  r record; b projects_batch; e work_enrolment; a work_assignment; got record;
  held_no integer; n integer := 0;
begin
  -- Beside work_expire this would free pages of the same batches in another order, in a circle.
  perform pg_advisory_xact_lock(hashtext('work_expire'));
  for r in select x.batch_id from work_enrolment x
            where x.worker_id = p_worker and x.portal = p_portal
            order by x.batch_id loop
    -- A turn that goes on just now is waited for: the page that it takes is given back, too.
    select * into e from work_enrolment x
     where x.batch_id = r.batch_id and x.worker_id = p_worker and x.portal = p_portal for update;
    continue when not found;
    foreach held_no in array e.held loop
      select * into a from work_assignment x
       where x.batch_id = r.batch_id and x.worker_id = p_worker and x.no = held_no
         and x.state || '' = 'open';
      continue when not found;
      select * into b from projects_batch x where x.id = r.batch_id;
      got := work_release(b, e, a, 'returned');
      e := got.e; n := n + 1;
    end loop;
    update work_enrolment x set held = e.held
     where x.batch_id = r.batch_id and x.worker_id = p_worker and x.held is distinct from e.held;
  end loop;
  return n;
end $$;
