-- Room on each block for new versions of rows that are updated in place (heap-only updates).
alter table work_bundle set (fillfactor = 50);
alter table work_enrolment set (fillfactor = 50);
alter table work_assignment set (fillfactor = 80);
-- These tables grow by the million: statistics follow a twentieth of the growth, not a fifth.
alter table work_answer set (autovacuum_analyze_scale_factor = 0.05);
alter table work_bundle
  set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
