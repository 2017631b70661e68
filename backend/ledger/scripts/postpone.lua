local key, member, tenant = KEYS[1], take(), take()
local at, now = take(), tonumber(take())
local old, known = read(key)
if not known or old.t ~= tenant then
  return 'unknown'
end
local due = redis.call('ZSCORE', base .. 'd', member)
if due and tonumber(due) <= now then -- else somebody has settled it meanwhile
  redis.call('ZADD', base .. 'd', at, member)
end
return 'ok'
