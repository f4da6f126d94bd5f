-- Takes out of the stream what no gateway wrote there, and keeps some of it aside.
-- KEYS: end, stream, aside. ARGV: the group, how many entries are kept, how many
-- bytes of each value, then the IDs of entries that can't be read.
-- Gateways number batches on from the end: what comes after it is not of them,
-- and would keep the next batch out.
-- Returns how many that were.
local seq = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) ')
local n = 0
local function aside(m)
	local kept = { 'id', m[1] }
	for i = 1, math.min(#m[2], 16) do
		kept[#kept + 1] = string.sub(m[2][i], 1, tonumber(ARGV[3]))
	end
	if #kept % 2 == 1 then kept[#kept + 1] = '' end
	redis.call('XADD', KEYS[3], 'MAXLEN', ARGV[2], '*', unpack(kept))
	redis.call('XACK', KEYS[2], ARGV[1], m[1])
	redis.call('XDEL', KEYS[2], m[1])
	n = n + 1
end
for i = 4, #ARGV do
	for _, m in ipairs(redis.call('XRANGE', KEYS[2], ARGV[i], ARGV[i])) do aside(m) end
end
if not seq then return n end -- everything would come after it
while true do
	local some = redis.call('XRANGE', KEYS[2], '(' .. seq .. '-0', '+', 'COUNT', 16)
	if #some == 0 then break end
	for _, m in ipairs(some) do aside(m) end
end
-- The stream, and the group, remember the highest ID that there ever was.
redis.call('XSETID', KEYS[2], seq .. '-0', 'ENTRIESADDED', seq, 'MAXDELETEDID', '0-0')
for _, g in ipairs(redis.call('XINFO', 'GROUPS', KEYS[2])) do
	local name, last
	for i = 1, #g, 2 do
		if g[i] == 'name' then name = g[i + 1] end
		if g[i] == 'last-delivered-id' then last = g[i + 1] end
	end
	local high, low = string.match(last or '', '^(%d+)%-(%d+)$')
	if name == ARGV[1] and high and (#high > #seq or #high == #seq and (high > seq or high == seq and low ~= '0')) then
		redis.call('XGROUP', 'SETID', KEYS[2], name, seq .. '-0')
	end
end
return n
