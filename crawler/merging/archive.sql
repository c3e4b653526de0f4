-- Folding the archive `shard` into `main`. `run_map` says which number each run of the shard has in the target.

-- name: attach
attach database ? as shard

-- name: detach
detach database shard

-- name: marks
create table if not exists main.merging (county_code text primary key, fresh integer not null)

-- name: run_map
create temp table run_map (old integer primary key, new integer not null unique, changed integer not null)

-- name: fill_run_map
insert into temp.run_map (old, new, changed) values (?, ?, ?)

-- name: shard_runs
select id, spider, started, arguments, coalesce(finished, '') || coalesce(verdict, '') from shard.runs order by id

-- name: target_runs
select id, spider, started, arguments, coalesce(finished, '') || coalesce(verdict, '') from main.runs order by id

-- name: direct_runs
select count(*) from main.runs where id < ?

-- name: open_runs
-- counties that a run which was not brought to its end has seen: their ledger in the shard is not that of their documents
with open_run as (select id from shard.runs where verdict is null)
select county_code from shard.visits where run_id in (select id from open_run)
union select county_code from shard.sightings where last_run in (select id from open_run)
union select county_code from shard.lists where run_id in (select id from open_run)

-- name: changed_counties
select s.county_code from shard.sightings s join temp.run_map m on m.old = s.last_run
    left join main.sightings t on t.county_code = s.county_code and t.url = s.url and t.sha256 = s.sha256
    where (t.sha256 is null or t.last_run < m.new)
union
select v.county_code from shard.visits v where v.county_code is not null
    and v.run_id in (select old from temp.run_map where changed)
union
select l.county_code from shard.lists l where l.run_id in (select old from temp.run_map where changed)

-- name: known_counties
select county_code from main.portals union select county_code from main.sightings

-- name: all_marks
select county_code, fresh from main.merging order by county_code

-- name: mark
insert into main.merging (county_code, fresh) values (?, ?) on conflict do update set fresh = min(fresh, excluded.fresh)

-- name: unmark
delete from main.merging where county_code = ?

-- name: distrust_marks
update main.merging set fresh = 0

-- name: last_rowid
select coalesce(max(rowid), 0) from shard.{table}

-- name: bodies
insert into main.bodies (sha256, body)
select b.sha256, b.body from shard.documents d join shard.bodies b on b.sha256 = d.sha256
where d.rowid > :after and d.rowid <= :upto
    and not exists (select 1 from main.bodies t where t.sha256 = d.sha256) and sound(d.sha256, d.size, d.codec, b.body)

-- name: documents
insert into main.documents ({columns})
select {columns_of_d} from shard.documents d left join temp.run_map m on m.old = d.first_run
where d.rowid > :after and d.rowid <= :upto and exists (select 1 from main.bodies b where b.sha256 = d.sha256)
on conflict (sha256) do update set first_run = excluded.first_run where excluded.first_run < first_run

-- name: sightings
-- as when one machine sees a document twice: how it is published is told by the last sighting, how it was served by the
-- first
insert into main.sightings ({columns})
select {columns_of_d} from shard.sightings d join temp.run_map f on f.old = d.first_run
    join temp.run_map l on l.old = d.last_run
where d.rowid > :after and d.rowid <= :upto and exists (select 1 from main.documents b where b.sha256 = d.sha256)
on conflict (county_code, url, sha256) do update set {updates}
where excluded.last_run > last_run or excluded.first_run < first_run

-- name: runs
insert into main.runs ({columns}) select {columns_of_d} from shard.runs d join temp.run_map m on m.old = d.id
where m.changed
on conflict (id) do update set {updates} where finished is null or verdict is null

-- name: rows_of_runs
insert into main.{table} ({columns}) select {columns_of_d} from shard.{table} d join temp.run_map m on m.old = d.run_id
where d.rowid > :after and d.rowid <= :upto and m.changed {only}
on conflict ({pks}) do update set {updates} where ({own}) is not ({excluded})

-- name: shard_states
-- who knows a county best: the last visit that came to its end, and what was begun after it
select p.county_code, p.run, coalesce((select max(coalesce(m.new, f.run_id)) from shard.frontier f
    left join temp.run_map m on m.old = f.run_id where f.county_code = p.county_code), 0)
from (select county_code, coalesce(m.new, iif(run_id >= :by_time, run_id, 0), 0) as run
    from shard.portals left join temp.run_map m on m.old = run_id) p

-- name: target_states
select p.county_code, coalesce(p.run_id, 0),
    coalesce((select max(f.run_id) from main.frontier f where f.county_code = p.county_code), 0) from main.portals p

-- name: forget_state
delete from main.{table} where county_code = ?

-- name: take_state
insert into main.{table} ({columns}) select {columns_of_d} from shard.{table} d
left join temp.run_map m on m.old = d.run_id where d.county_code = ?

-- name: shard_verdicts
select * from shard.verdicts order by id

-- name: target_verdicts
select * from main.verdicts order by id

-- name: forget_verdicts
delete from main.verdicts

-- name: verdict
insert into main.verdicts ({columns}) values ({marks})

-- name: drop_run_map
drop table if exists temp.run_map

-- name: version
pragma {schema}.user_version

-- name: quick_check
pragma {schema}.quick_check(1)

-- name: day_of_county
select r.started, r.stats from main.portals p join main.runs r on r.id = p.run_id where p.county_code = ?

-- name: learned
select id, arguments from main.runs where spider = 'county'
