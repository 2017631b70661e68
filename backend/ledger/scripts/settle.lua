-- Ends or prolongs the lease of a job: done, retry, defer, bury or renew. Says
-- whether the job is queued again.
local key, token, how = take(), take(), take()
local at, reason, tenant = take(), take(), take()
local job, why = held(key, token)
if not job then
  if (why == 'gone' and how == 'done') or (why == 'ended' and how ~= 'renew') then
    return 'ok'
  end
  return 'lost'
end
if how == 'renew' then
  redis.call('ZADD', queue(job), at, key)
  return 'ok'
end
local deferred = 0
if how == 'defer' then
  deferred = reason == job.reason and job.deferred + 1 or 1
  how, job.attempt = 'retry', job.attempt - 1
end
if job.mark == '+' and how ~= 'retry' then
  start_afresh(key, job, at)
  return 'queued'
elseif how == 'done' then
  redis.call('HDEL', base .. 'j', key)
  redis.call('ZREM', queue(job), key)
elseif how == 'retry' then
  job.mark, job.reason, job.deferred = 'r', reason, deferred
  keep(key, job)
  redis.call('ZADD', queue(job), at, key)
  return 'queued'
else
  job.mark, job.reason, job.deferred = 'x', reason, 0
  keep(key, job)
  redis.call('ZREM', queue(job), key)
  redis.call('ZADD', base .. 'x:' .. tenant, at, key)
  redis.call('HINCRBY', base .. 'n', 'jobs', 1)
end
return 'ok'
