-- A wrong access code. The field holds the wrong codes so far and the end of
-- the lock-out, "n:ms".
local key, tenant, field = KEYS[1], take(), take()
local now, max, until_ = tonumber(take()), tonumber(take()), take()
local found = redis.call('HMGET', key, 't', field)
if found[1] ~= tenant then
  return { 'unknown', 0, '0' }
end
local n, locked = string.match(found[2] or '0:0', '^(%d+):(%d+)$')
n = tonumber(n)
if tonumber(locked) > now then
  return { 'ok', 0, locked }
end
n, locked = n + 1, '0'
if n >= max then
  n, locked = 0, until_
end
redis.call('HSET', key, field, n .. ':' .. locked)
return { 'ok', locked ~= '0' and 0 or max - n, locked }
