-- Appends entries to the ledger where they follow from its end, all or none.
-- KEYS: ledger. ARGV: how many entries there must be, the last of them ('' for
-- none), then the entries.
local list = KEYS[1]
if redis.call('LLEN', list) ~= tonumber(ARGV[1]) then return 0 end
if (redis.call('LINDEX', list, -1) or '') ~= ARGV[2] then return 0 end
for i = 3, #ARGV, 1000 do
	redis.call('RPUSH', list, unpack(ARGV, i, math.min(i + 999, #ARGV)))
end
return 1
