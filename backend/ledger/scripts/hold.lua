-- A sign of life of the holder, or the end of his attempt: merges fields.
local key, member, tenant, holder = KEYS[1], take(), take(), take()
local changes = take_pairs()
local old, known = read(key)
if not known or old.t ~= tenant then
  return 'unknown'
end
if old.p == 'failed' and changes.p == 'failed' and old.w == holder then
  return 'ok'
end
if old.p ~= 'receiving' or old.w ~= holder then
  return 'lost'
end
local new = {}
for field, value in pairs(old) do new[field] = value end
for field, value in pairs(changes) do new[field] = value end
save(key, member, old, new)
return 'ok'
