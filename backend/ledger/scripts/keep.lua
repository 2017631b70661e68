-- Amounts that ids hold under a key, each until it lapses: a zset of ids by that
-- moment, and a hash of their amounts with the sum under the empty name.
local untils, now, id, more, limit, life = KEYS[1], tonumber(take()), take(), tonumber(take()), tonumber(take()), tonumber(take())
local amounts = untils .. ':a'

local function amount(name)
  return tonumber(redis.call('HGET', amounts, name) or 0)
end

local function hold(name, has)
  redis.call('HINCRBY', amounts, '', number(has - amount(name)))
  if has > 0 then
    redis.call('HSET', amounts, name, number(has))
    redis.call('ZADD', untils, number(now + life), name)
  else
    redis.call('HDEL', amounts, name)
    redis.call('ZREM', untils, name)
  end
end

for _, lapsed in ipairs(redis.call('ZRANGEBYSCORE', untils, '-inf', number(now), 'LIMIT', 0, 1000)) do
  hold(lapsed, 0)
end
if more > 0 and amount('') + more > limit then
  local first = redis.call('ZRANGE', untils, 0, 0, 'WITHSCORES')
  return { 0, number(math.max(tonumber(first[2] or now + life) - now, 0)) }
end
hold(id, math.max(amount(id) + more, 0))
redis.call('PEXPIRE', untils, number(life * 2))
redis.call('PEXPIRE', amounts, number(life * 2))
return { 1, '0' }
