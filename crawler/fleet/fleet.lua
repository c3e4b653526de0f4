-- Everything the machines agree on changes here, one command at a time and by the clock of Redis alone.
--
-- KEYS[1] is the prefix of all keys, ARGV[1] the command, ARGV[2..] its arguments.
--
--   <prefix>jobs          hash   job id -> definition (JSON: counties, places, rows, settings …), never changed
--   <prefix>job:<id>      hash   state (queued, running, done, dead), token, worker, shard, times in ms, counts, reason
--   <prefix>open          hash   county -> job id, while a job of it is queued, running or dead
--   <prefix>waiting       zset   job id by the time at which its message is to be sent (again)
--   <prefix>running       zset   job id by the end of its lease
--   <prefix>over          zset   job id by the time at which it ended
--   <prefix>places        hash   address or domain -> "job id|ms": nobody else may ask there until then
--   <prefix>blocked:<id>  set    job ids that wait for a place of this one
--   <prefix>token         string the last token; a later token is a later crawl, on whatever machine
--   <prefix>memory        hash   county -> what its crawls have learned (see memory.py)
--   <prefix>visits        hash   county -> JSON: last visit by the clock of Redis, failures in a row
--   <prefix>workers       hash   worker -> JSON: when it was heard of, what it does
local P = KEYS[1]
local command = ARGV[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local function key(name) return P .. name end
local function job(id) return P .. 'job:' .. id end
local function get(id, field) return redis.call('HGET', job(id), field) end
local function number(id, field) return tonumber(get(id, field) or '0') or 0 end
local function places(id) return cjson.decode(get(id, 'places') or '[]') end

local function owner(place)
  local held = redis.call('HGET', key('places'), place)
  if not held then return nil, 0 end
  local who, till = string.match(held, '^(.*)|(%d+)$')
  return who, tonumber(till) or 0
end

local function hold(id, till)
  for _, place in ipairs(places(id)) do
    redis.call('HSET', key('places'), place, id .. '|' .. string.format('%d', till))
  end
end

-- places that a job has are free after a rest; who waited for them is told
local function let_go(id, rest)
  for _, place in ipairs(places(id)) do
    local who = owner(place)
    if who == id then
      if rest > 0 then
        redis.call('HSET', key('places'), place, id .. '|' .. string.format('%d', now + rest))
      else
        redis.call('HDEL', key('places'), place)
      end
    end
  end
  for _, other in ipairs(redis.call('SMEMBERS', key('blocked:' .. id))) do
    if get(other, 'state') == 'queued' then
      redis.call('ZADD', key('waiting'), now + rest, other)
      redis.call('HSET', job(other), 'sent', 0, 'not_before', now + rest)
    end
  end
  redis.call('DEL', key('blocked:' .. id))
end

local function put_back(id, delay)
  redis.call('HSET', job(id), 'state', 'queued', 'sent', 0, 'not_before', now + delay)
  redis.call('ZREM', key('running'), id)
  redis.call('ZADD', key('waiting'), now + delay, id)
end

local function bury(id, reason)
  redis.call('HSET', job(id), 'state', 'dead', 'reason', reason, 'finished', now)
  redis.call('ZREM', key('running'), id)
  redis.call('ZREM', key('waiting'), id)
  redis.call('ZADD', key('over'), now, id)
end

local function lost(id, most)
  local count = redis.call('HINCRBY', job(id), 'lost', 1)
  let_go(id, 0)
  if count > most then
    bury(id, 'its worker went away ' .. count .. ' times')
  else
    put_back(id, 0)
  end
end

-- a job is this token's as long as nobody else was given it
local function mine(id, token)
  return get(id, 'state') == 'running' and get(id, 'token') == token
end

if command == 'reserve' then
  -- id, definition, places (JSON), county ...: opens a job, or says which counties have an open one
  local id = ARGV[2]
  local taken = {}
  for n = 5, #ARGV do
    if redis.call('HEXISTS', key('open'), ARGV[n]) == 1 then taken[#taken + 1] = ARGV[n] end
  end
  if #taken > 0 then return taken end
  for n = 5, #ARGV do redis.call('HSET', key('open'), ARGV[n], id) end
  redis.call('HSET', key('jobs'), id, ARGV[3])
  redis.call('HSET', job(id), 'state', 'queued', 'queued', now, 'sent', 0, 'not_before', now, 'places', ARGV[4],
    'lost', 0, 'failed', 0)
  redis.call('ZADD', key('waiting'), now, id)
  return taken

elseif command == 'due' then
  -- key of the queue, most: jobs whose message is to be sent now. One that was sent is sent again only when the queue
  -- is empty: then its message is in the hands of a worker that has not begun it, or lost
  local empty = redis.call('LLEN', ARGV[2]) == 0
  local found = {}
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('waiting'), 0, now, 'LIMIT', 0, 20000)) do
    if number(id, 'sent') == 0 or empty then found[#found + 1] = id end
    if #found >= tonumber(ARGV[3]) then break end
  end
  return found

elseif command == 'sent' then
  -- id, ms until it is sent again
  if get(ARGV[2], 'state') == 'queued' then
    redis.call('HSET', job(ARGV[2]), 'sent', now)
    redis.call('ZADD', key('waiting'), 'XX', now + tonumber(ARGV[3]), ARGV[2])
  end
  return 1

elseif command == 'claim' then
  -- id, worker, shard, lease ms, most times lost, lowest token, places found by the worker (JSON)
  local id, lease = ARGV[2], tonumber(ARGV[5])
  local state = get(id, 'state')
  if state ~= 'queued' then return {state or 'unknown'} end
  if number(id, 'not_before') > now then
    redis.call('HSET', job(id), 'sent', 0)
    return {'early'}
  end
  local all, seen = {}, {}
  for _, list in ipairs({places(id), cjson.decode(ARGV[8])}) do
    for _, place in ipairs(list) do
      if not seen[place] then seen[place] = true; all[#all + 1] = place end
    end
  end
  for _, place in ipairs(all) do
    local who, till = owner(place)
    if who and who ~= id and till > now then
      redis.call('SADD', key('blocked:' .. who), id)
      redis.call('ZADD', key('waiting'), till + 1, id)
      redis.call('HSET', job(id), 'sent', 0, 'not_before', till + 1)
      return {'busy', place, who}
    end
  end
  local token = math.max(tonumber(redis.call('GET', key('token')) or '0') + 1, now, tonumber(ARGV[7]) + 1)
  redis.call('SET', key('token'), string.format('%d', token))
  redis.call('HSET', job(id), 'state', 'running', 'token', string.format('%d', token), 'worker', ARGV[3],
    'shard', ARGV[4], 'started', now, 'until', now + lease, 'places', cjson.encode(all))
  redis.call('HINCRBY', job(id), 'attempts', 1)
  redis.call('ZREM', key('waiting'), id)
  redis.call('ZADD', key('running'), now + lease, id)
  hold(id, now + lease)
  return {'yours', string.format('%d', token), redis.call('HGET', key('jobs'), id)}

elseif command == 'renew' then
  -- id, token, lease ms: 1, or why not
  local id, lease = ARGV[2], tonumber(ARGV[4])
  if redis.call('EXISTS', job(id)) == 0 then return 'Redis no longer knows the job' end
  if not mine(id, ARGV[3]) then return 'the job was given to another worker' end
  for _, place in ipairs(places(id)) do
    local who, till = owner(place)
    if who and who ~= id and till > now then return place .. ' was given to another job' end
  end
  redis.call('HSET', job(id), 'until', now + lease)
  redis.call('ZADD', key('running'), now + lease, id)
  hold(id, now + lease)
  return 1

elseif command == 'finish' then
  -- id, token, outcome, reason, back-off ms, most failures, rest ms, county, memory, visit ...
  local id, outcome, rest = ARGV[2], ARGV[4], tonumber(ARGV[8])
  if not mine(id, ARGV[3]) then return 0 end
  let_go(id, rest)
  redis.call('HSET', job(id), 'reason', ARGV[5])
  if outcome == 'done' then
    redis.call('HSET', job(id), 'state', 'done', 'finished', now)
    redis.call('ZREM', key('running'), id)
    redis.call('ZADD', key('over'), now, id)
    for n = 9, #ARGV, 3 do
      redis.call('HDEL', key('open'), ARGV[n])
      local visit = cjson.decode(ARGV[n + 2])
      visit['at'] = math.floor(now / 1000)
      redis.call('HSET', key('visits'), ARGV[n], cjson.encode(visit))
      redis.call('HSET', key('memory'), ARGV[n], ARGV[n + 1])
    end
  elseif outcome == 'stopped' then
    put_back(id, 0)
  else
    local count = redis.call('HINCRBY', job(id), 'failed', 1)
    if count > tonumber(ARGV[7]) then
      bury(id, ARGV[5])
    else
      put_back(id, tonumber(ARGV[6]) * 2 ^ (count - 1))
    end
  end
  return 1

elseif command == 'reap' then
  -- most times lost: puts back what nobody renews any more
  local found = redis.call('ZRANGEBYSCORE', key('running'), 0, now)
  for _, id in ipairs(found) do lost(id, tonumber(ARGV[2])) end
  return found

elseif command == 'rent' then
  -- id, token, place, ms: a place that the job did not name, for one request: 0, or ms to wait, or -1
  local id, place = ARGV[2], ARGV[4]
  if not mine(id, ARGV[3]) then return -1 end
  local who, till = owner(place)
  if who and who ~= id and till > now then return till - now end
  redis.call('HSET', key('places'), place, id .. '|' .. string.format('%d', now + tonumber(ARGV[5])))
  return 0

elseif command == 'leave' then
  -- id, place, rest ms
  if owner(ARGV[3]) == ARGV[2] then
    redis.call('HSET', key('places'), ARGV[3], ARGV[2] .. '|' .. string.format('%d', now + tonumber(ARGV[4])))
  end
  return 1

elseif command == 'revive' then
  -- id: a dead job once more, with a clean record
  local id = ARGV[2]
  if get(id, 'state') ~= 'dead' then return 0 end
  redis.call('HSET', job(id), 'lost', 0, 'failed', 0)
  redis.call('ZREM', key('over'), id)
  put_back(id, 0)
  return 1

elseif command == 'drop' then
  -- id: forgets a dead or ended job; its counties are free again
  local id = ARGV[2]
  local state = get(id, 'state')
  if state == 'queued' or state == 'running' then return 0 end
  for _, county in ipairs(cjson.decode(redis.call('HGET', key('jobs'), id) or '{"counties":[]}')['counties']) do
    if redis.call('HGET', key('open'), county) == id then redis.call('HDEL', key('open'), county) end
  end
  redis.call('HDEL', key('jobs'), id)
  redis.call('DEL', job(id), key('blocked:' .. id))
  redis.call('ZREM', key('over'), id)
  return 1

elseif command == 'alive' then
  -- worker, JSON
  local said = cjson.decode(ARGV[3])
  said['at'] = now
  redis.call('HSET', key('workers'), ARGV[2], cjson.encode(said))
  return now

elseif command == 'sweep' then
  -- ms: places whose time is over, and ended jobs older than this
  local places = redis.call('HGETALL', key('places'))
  for n = 1, #places, 2 do
    local till = tonumber(string.match(places[n + 1], '|(%d+)$') or '0')
    if till < now - 60000 then redis.call('HDEL', key('places'), places[n]) end
  end
  local old = {}
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('over'), 0, now - tonumber(ARGV[2]), 'LIMIT', 0, 5000)) do
    if get(id, 'state') == 'done' then
      redis.call('HDEL', key('jobs'), id)
      redis.call('DEL', job(id), key('blocked:' .. id))
      redis.call('ZREM', key('over'), id)
      old[#old + 1] = id
    end
  end
  return #old

elseif command == 'now' then
  return now
end
return redis.error_reply('unknown command ' .. command)
