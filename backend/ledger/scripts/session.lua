-- Writes or prolongs a session. The backstop outlives the stated end, which
-- alone decides.
local key, how, ends, ttl = KEYS[1], take(), take(), take()
if how == 'create' then
  redis.call('DEL', key)
  for name, value in pairs(take_pairs()) do
    redis.call('HSET', key, 'f' .. name, value)
  end
elseif redis.call('EXISTS', key) == 0 then
  return 'unknown'
end
redis.call('HSET', key, 'x', ends)
redis.call('PEXPIRE', key, ttl)
return 'ok'
