-- Every script works on one shard: ARGV[1] is the shard's prefix with its hash
-- tag, and every key named here begins with it.
local base = ARGV[1]
local argument = 1

local function take()
  argument = argument + 1
  return ARGV[argument]
end

local function take_pairs()
  local t = {}
  for _ = 1, tonumber(take()) do
    local name = take()
    t[name] = take()
  end
  return t
end

local function number(n)
  return string.format('%.0f', n)
end
