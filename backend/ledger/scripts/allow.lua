-- Generic cell rate algorithm (ITU-T I.371, virtual scheduling), in microseconds.
local key, now, interval, burst = KEYS[1], tonumber(take()), tonumber(take()), tonumber(take())
local arrival = tonumber(redis.call('GET', key) or 0)
arrival = math.min(math.max(arrival, now), now + interval * burst)
local tolerance = interval * (burst - 1)
if arrival - tolerance > now then
  return { 0, number(arrival - tolerance - now) }
end
arrival = arrival + interval
redis.call('SET', key, number(arrival), 'PX', number(math.ceil((arrival - now) / 1000) + tonumber(take())))
return { 1, '0' }
