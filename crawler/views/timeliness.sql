-- published against the legal date: 31 March for governments, 31 January for departments and townships; before the
-- regulation of 2019 (reports on 2018 and earlier) 31 March for all. What counts is the first day on which any version
-- or source of the report was published: the page's date, else that of the signature
select
    c.county_code, c.agency, c.kind, c.year, c.deadline, c.published, c.dated_by,
    case
        when c.published is null and c.outcome = 'held' then 'undated'
        when c.published is not null and substr(c.published, 1, length(c.published)) <= substr(c.deadline, 1, length(c.published)) then 'on_time'
        when c.published is not null then 'late'
        when c.outcome = 'absent' then 'never'
        when c.outcome = 'due' then 'due'
        else 'unknown'
    end as status,
    case
        when length(c.published) = 10 and c.published > c.deadline
        then cast(julianday(c.published) - julianday(c.deadline) as integer)
    end as days_late,
    c.report_id, c.url
from (
    select
        e.county_code, e.agency, e.kind, e.year, e.outcome, e.report_id, r.url,
        (e.year + 1) || case when e.kind = 'county' or e.year < 2019 then '-03-31' else '-01-31' end as deadline,
        coalesce(
            (select min(p.published) from reports p where p.agency_id = e.agency_id and p.year = e.year),
            (select min(p.signed) from reports p where p.agency_id = e.agency_id and p.year = e.year)
        ) as published,
        case
            when exists (select 1 from reports p where p.agency_id = e.agency_id and p.year = e.year and p.published is not null)
            then 'page'
            when exists (select 1 from reports p where p.agency_id = e.agency_id and p.year = e.year and p.signed is not null)
            then 'signature'
        end as dated_by
    from (
        select r.county_code, r.agency, a.kind, r.year, 'held' as outcome, r.id as report_id, r.agency_id
        from reports r join agencies a on a.id = r.agency_id
        where r.current = 1 and r.year is not null
        union all
        select
            v.county_code, v.agency,
            coalesce((select a.kind from agencies a where a.county_code = v.county_code and a.name = v.agency), v.kind),
            v.year, v.outcome, null, null
        from coverage v
        where v.outcome <> 'held'
    ) e
    left join reports r on r.id = e.report_id
) c
