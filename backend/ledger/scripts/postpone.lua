local key, member, tenant, at = KEYS[1], take(), take(), take()
local old, known = read(key)
if not known or old.t ~= tenant then
  return 'unknown'
end
if redis.call('ZSCORE', base .. 'd', member) then
  redis.call('ZADD', base .. 'd', at, member)
end
return 'ok'
