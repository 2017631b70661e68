-- A job's state is one string: attempt|token|mark|reason|version|body.
-- Mark: 'r' ready or waiting for its time, '' leased, '+' leased and asked for
-- again, 'x' dead. The token of a lease that has ended stays, so that its end,
-- when repeated, is recognised. A reason that kept the job from being tried is
-- followed by '*' and how often it did so in a row.
local function parse(state)
  local attempt, token, mark, reason, deferred, version, body =
    string.match(state, '^(%d+)|([^|]*)|([^|]*)|([^|*]*)%*?(%d*)|(%d+)|(.*)$')
  return { attempt = tonumber(attempt), token = token, mark = mark, reason = reason,
    deferred = tonumber(deferred) or 0, version = version, body = body }
end

local function format(job)
  local reason = job.reason
  if job.deferred > 0 then
    reason = reason .. '*' .. job.deferred
  end
  return table.concat({ job.attempt, job.token, job.mark, reason, job.version, job.body }, '|')
end

local function keep(key, job)
  redis.call('HSET', base .. 'j', key, format(job))
end

local function queue(job)
  return base .. 'q' .. job.version
end

local function start_afresh(key, job, at)
  job.attempt, job.mark, job.reason, job.deferred = 0, 'r', '', 0
  keep(key, job)
  redis.call('ZADD', queue(job), at, key)
end

-- Queues a job unless it waits already. One that is being worked on is marked,
-- so that it runs once more; a dead one comes back to life.
local function enqueue(key, version, tenant, at, body)
  local state = redis.call('HGET', base .. 'j', key)
  if not state then
    return start_afresh(key, { token = '', version = version, body = body }, at)
  end
  local job = parse(state)
  if job.mark == 'x' then
    redis.call('ZREM', base .. 'x:' .. tenant, key)
    redis.call('HINCRBY', base .. 'n', 'jobs', -1)
    start_afresh(key, { token = '', version = version, body = body }, at)
  elseif job.mark == '' then
    job.mark = '+'
    keep(key, job)
  end
end

local function enqueue_all()
  for _ = 1, tonumber(take()) do
    local key, version, tenant = take(), take(), take()
    local at, body = take(), take()
    enqueue(key, version, tenant, at, body)
  end
end

-- The job if the caller still holds its lease; otherwise nil and 'gone' when
-- there is no such job, 'ended' when the caller has ended the lease before, or
-- 'lost' when somebody else has it.
local function held(key, token)
  local state = redis.call('HGET', base .. 'j', key)
  if not state then
    return nil, 'gone'
  end
  local job = parse(state)
  if job.token ~= token then
    return nil, 'lost'
  elseif job.mark == 'r' or job.mark == 'x' then
    return nil, 'ended'
  end
  return job
end

-- Takes away the dead letters of the transfer or reply of a record that goes.
local function forget_dead(record, tenant)
  local dead, id = base .. 'x:' .. tenant, string.sub(record, #base + 2)
  for _, key in ipairs(redis.call('ZRANGE', dead, 0, -1)) do
    if string.find(key, id .. '/', 1, true) then
      redis.call('ZREM', dead, key)
      redis.call('HDEL', base .. 'j', key)
      redis.call('HINCRBY', base .. 'n', 'jobs', -1)
    end
  end
end
