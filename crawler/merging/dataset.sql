-- Folding the dataset `shard` into `main`. `evidence` is the shard's archive, `archive` the target's, which holds the
-- shard's documents by then: a fact is taken only where its evidence is.

-- name: attach
attach database ? as {schema}

-- name: detach
detach database {schema}

-- name: version
pragma {schema}.user_version

-- name: quick_check
pragma {schema}.quick_check(1)

-- name: run_map
create temp table run_map (old integer primary key, new integer not null)

-- name: fill_run_map
insert into temp.run_map (old, new) values (?, ?)

-- name: drop_temporary
drop table if exists temp.{table}

-- name: different_form
select 1 from (select * from main.{table} except select * from shard.{table})
union all select 1 from (select * from shard.{table} except select * from main.{table}) limit 1

-- name: wanted_readings
-- of two readings of the same sighting that of these readers counts, else that of the shard which saw it last
create temp table wanted_readings as
select r.rowid as id, r.county_code from shard.sources r
join evidence.sightings e on e.county_code = r.county_code and e.url = r.url and e.sha256 = r.sha256
join temp.run_map m on m.old = e.last_run
join archive.sightings t on t.county_code = r.county_code and t.url = r.url and t.sha256 = r.sha256
left join main.sources n on n.id = r.id
where r.reader is not null and (n.reader is null
    or (r.reader = :reader) > (n.reader = :reader)
    or ((r.reader = :reader) >= (n.reader = :reader) and m.new = t.last_run and ({values_of_r}) is not ({values_of_n})))

-- name: wanted_reports
create temp table wanted_reports as
select r.id, r.county_code, n.id is not null as known from shard.reports r
join temp.run_map m on m.old = r.last_run
left join main.reports n on n.id = r.id
where exists (select 1 from archive.documents d where d.sha256 = r.sha256) and (n.id is null
    or (r.reader = :reader) > (n.reader = :reader)
    or ((r.reader = :reader) >= (n.reader = :reader)
        and (m.new > n.last_run or m.new = n.last_run and ({values_of_r}) is not ({values_of_n}))))
order by r.rowid

-- name: index_wanted_reports
create unique index temp.wanted_reports_id on wanted_reports (id)

-- name: wanted_counties
select county_code from temp.wanted_readings union select county_code from temp.wanted_reports

-- name: known_counties
select code from main.portals union select county_code from main.reports

-- name: count_wanted
select count(*) from temp.wanted_reports

-- name: replaced
select id from temp.wanted_reports where known and rowid > :after and rowid <= :upto

-- name: agencies
insert into main.agencies ({columns})
select {columns_of_d} from shard.agencies d where d.id in (select r.agency_id from temp.wanted_reports w
    join shard.reports r on r.id = w.id where w.rowid > :after and w.rowid <= :upto)
on conflict (id) do update set {updates} where ({own}) is not ({excluded})

-- name: reports
insert into main.reports ({columns}) select {columns_of_d} from temp.wanted_reports w join shard.reports d on d.id = w.id
join temp.run_map m on m.old = d.last_run where w.rowid > :after and w.rowid <= :upto

-- name: part
insert into main."{table}" ({columns}) select {columns_of_d} from temp.wanted_reports w
join shard."{table}" d on d.report_id = w.id where w.rowid > :after and w.rowid <= :upto

-- name: batch
select id from temp.wanted_reports where rowid > :after and rowid <= :upto order by rowid

-- name: readings
insert into main.sources ({columns}) select {columns_of_d} from temp.wanted_readings w
join shard.sources d on d.rowid = w.id where w.rowid > :after and w.rowid <= :upto
on conflict (id) do update set {updates}

-- name: last_wanted_reading
select coalesce(max(rowid), 0) from temp.wanted_readings

-- name: copies
insert or ignore into main.copies ({columns}) select {columns_of_d} from shard.copies d
where d.report_id in (select id from temp.wanted_reports) and exists (select 1 from main.reports r where r.id = d.twin_id)

-- name: orphans
select id, agency_id, year from main.reports r
where not exists (select 1 from main.sources d where d.report_id = r.id)

-- name: unused_agencies
delete from main.agencies where not exists (select 1 from main.reports r where r.agency_id = agencies.id)

-- name: newest_address
-- the same bytes at several addresses are one report, at the address that was read last: the one that appeared last
update main.reports set url = s.page_url, document_url = iif(s.url = s.page_url, null, s.url)
from (
    select report_id, url, page_url, row_number() over (partition by report_id order by first_run desc, url) as place
    from main.sources where county_code = :county and report_id is not null and first_run is not null
) s
where s.report_id = reports.id and s.place = 1 and reports.county_code = :county and not exists (
    select 1 from main.sources o where o.report_id = reports.id and o.page_url = reports.url
        and o.url = coalesce(reports.document_url, reports.url)
        and o.first_run = (select max(x.first_run) from main.sources x where x.report_id = reports.id))

-- name: single
-- nearly every agency has one report a year: it is the current one
update main.reports set current = 1 where current <> 1 and county_code = :county and year is not null and not exists (
    select 1 from main.reports o where o.agency_id = reports.agency_id and o.year = reports.year and o.id <> reports.id)

-- name: several
select agency_id, year from main.reports where county_code = :county group by agency_id, year
having count(*) > 1 or year is null

-- name: whole
-- a county that comes from one shard alone is closed as its shard has closed it
insert or replace into main.{table} ({columns}) select {columns_of_d} from shard.{table} d {joins}
where d.{county} = :county
