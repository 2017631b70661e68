local tenant, key, now = take(), take(), take()
local state = redis.call('HGET', base .. 'j', key)
if not state or redis.call('ZREM', base .. 'x:' .. tenant, key) == 0 then
  return 'unknown'
end
redis.call('HINCRBY', base .. 'n', 'jobs', -1)
local job = parse(state)
job.token = ''
start_afresh(key, job, now)
return 'ok'
