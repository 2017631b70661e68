local owner, now, until_, n, token = take(), take(), take(), tonumber(take()), take()
if redis.call('GET', base .. 'e') ~= owner then
  return redis.error_reply('LOST the shard carries no marker of this installation')
end
local claimed, next_due = {}, ''
while argument < #ARGV do
  local q = base .. 'q' .. take()
  local due = {}
  if #claimed < n * 4 then
    due = redis.call('ZRANGEBYSCORE', q, '-inf', now, 'LIMIT', 0, n - #claimed / 4)
  end
  if #due > 0 then
    local states, leases, kept = redis.call('HMGET', base .. 'j', unpack(due)), {}, {}
    for i, key in ipairs(due) do
      if states[i] then
        local job = parse(states[i])
        job.attempt, job.token, job.mark = job.attempt + 1, token, ''
        leases[#leases + 1] = until_
        leases[#leases + 1] = key
        kept[#kept + 1] = key
        kept[#kept + 1] = format(job)
        claimed[#claimed + 1] = key
        claimed[#claimed + 1] = job.attempt
        claimed[#claimed + 1] = job.deferred
        claimed[#claimed + 1] = job.body
      else
        redis.call('ZREM', q, key)
      end
    end
    if #kept > 0 then
      redis.call('ZADD', q, unpack(leases))
      redis.call('HSET', base .. 'j', unpack(kept))
    end
  end
  local first = redis.call('ZRANGE', q, 0, 0, 'WITHSCORES')[2]
  if first and (next_due == '' or tonumber(first) < tonumber(next_due)) then
    next_due = first
  end
end
return { next_due, claimed }
