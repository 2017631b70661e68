local key, member, tenant, now = KEYS[1], take(), take(), tonumber(take())
local old, known = read(key)
if not known or old.t ~= tenant then
  return 'ok'
end
if old.p == 'receiving' and tonumber(old.u) > now then
  return 'held'
end
save(key, member, old, {})
forget_dead(key, tenant)
return 'ok'
