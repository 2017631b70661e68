local function read(key)
  local flat, record = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do
    record[flat[i]] = flat[i + 1]
  end
  return record, #flat > 0
end

-- The sorted sets in which a record stands, with its score in each.
local function places(r)
  local at = {}
  if not r.p then
    return at
  end
  local due = r.b or r.e
  if due and due ~= '0' then
    at[base .. 'd'] = due
  end
  if r.o then
    at[base .. 'o:' .. r.t .. ':' .. r.o] = r.a
  end
  if r.m then
    at[base .. 'm:' .. r.t .. ':' .. r.m] = r.a
  end
  if r.p == 'manual' or r.p == 'dead' then
    at[base .. 'p:' .. r.p .. ':' .. r.t] = r.a
  end
  for field, addressee in pairs(r) do
    if string.sub(field, 1, 1) == '@' then
      at[base .. 'a:' .. r.t .. ':' .. addressee] = r.a
    end
  end
  return at
end

local function in_batches(command, key, list)
  for i = 1, #list, 1000 do
    redis.call(command, key, unpack(list, i, math.min(i + 999, #list)))
  end
end

local function bucket(hash)
  return base .. 'l' .. string.format('%02x', string.byte(hash, #hash))
end

-- A field that begins with 'l' and goes on is a link: its hash, and whose it is.
local function link_of(field)
  if #field > 1 and string.sub(field, 1, 1) == 'l' then
    return string.sub(field, 2)
  end
end

local function save_links(member, old, new)
  for field in pairs(old) do
    local hash = link_of(field)
    if hash and new[field] == nil then
      redis.call('HDEL', bucket(hash), hash)
    end
  end
  for field, recipient in pairs(new) do
    local hash = link_of(field)
    if hash and old[field] ~= recipient then
      redis.call('HSET', bucket(hash), hash, member .. recipient .. '/' .. new.t)
    end
  end
end

local function save_places(member, old, new)
  local before, after = places(old), places(new)
  for key in pairs(before) do
    if not after[key] then
      redis.call('ZREM', key, member)
    end
  end
  for key, score in pairs(after) do
    redis.call('ZADD', key, score, member)
  end
  if old.p ~= new.p then
    if old.p then redis.call('HINCRBY', base .. 'n', old.p, -1) end
    if new.p then redis.call('HINCRBY', base .. 'n', new.p, 1) end
  end
end

-- Replaces a record by another one (an empty one removes it), with everything
-- that points to it. Only what differs is written.
local function save(key, member, old, new)
  local gone, set = {}, {}
  for field in pairs(old) do
    if new[field] == nil then
      gone[#gone + 1] = field
    end
  end
  for field, value in pairs(new) do
    if old[field] ~= value then
      set[#set + 1] = field
      set[#set + 1] = value
    end
  end
  in_batches('HDEL', key, gone)
  in_batches('HSET', key, set)
  save_links(member, old, new)
  save_places(member, old, new)
end

local function provisional(r)
  return r.p == 'receiving' or r.p == 'failed'
end
