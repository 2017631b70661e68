local key, member = KEYS[1], take()
local now, new = tonumber(take()), take_pairs()
local old, known = read(key)
if known then
  if old.t ~= new.t or (old.h and old.h ~= new.h) then -- a rebuild may not know the request
    return { 'reused' }
  end
  local mine = old.p == 'receiving' and (old.w == new.w or tonumber(old.u) <= now)
  if not mine and old.p ~= 'failed' then
    return { 'kept', redis.call('HGETALL', key) }
  end
end
save(key, member, old, new)
return { 'began', redis.call('HGETALL', key) }
