local key, member = KEYS[1], take()
local new, links = take_pairs(), take_pairs()
local old, known = read(key)
if known and old.t ~= new.t then
  return 'foreign'
end
local over = old.p == 'erased' and new.p ~= 'erased'
local newer = known and not provisional(old) and tonumber(old.s or 0) > tonumber(new.s or 0)
if not over and (new.p == 'erased' or not newer) then
  local given = {}
  for hash, recipient in pairs(links) do
    new['l' .. hash] = recipient
    given[recipient] = true
  end
  for field, value in pairs(old) do
    local link = link_of(field)
    if string.sub(field, 1, 1) == '!' or (link and new.p ~= 'erased' and not given[value]) then
      new[field] = value
    end
  end
  save(key, member, old, new)
end
if new.p == 'erased' then
  forget_dead(key, new.t)
end
if over then
  return 'erased'
end
enqueue_all()
return 'ok'
