-- Since when sweeps follow each other without a gap, "since:latest" in ms.
local key, now, gap = KEYS[1], tonumber(take()), tonumber(take())
local since, latest = string.match(redis.call('GET', key) or '', '^(%d+):(%d+)$')
if not since or math.abs(now - tonumber(latest)) > gap then
  since = number(now)
end
redis.call('SET', key, since .. ':' .. number(now))
return since
