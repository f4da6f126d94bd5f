-- Appends batches where the end of the chain is the expected one, all or none.
-- KEYS: end, stream, spans, people, then the IDs of the span of each batch.
-- ARGV: the expected end, the new one, the number of people, each of them and
-- the sealed name, then for each batch: seq, span, IDs, the batch.
-- Returns the end that is there when it is another one.
-- Nothing is undone when a command fails: keys that others have made something
-- else of are looked for first, and the first write is one that Redis refuses when
-- it is out of memory, or the stream has a higher number, so that nothing or all is
-- written.
local function check(key, want)
	local is = redis.call('TYPE', key).ok
	if is ~= 'none' and is ~= want then
		return redis.error_reply('FOREIGN ' .. key .. ' is a ' .. is .. ' and must be a ' .. want .. ': no gateway wrote it; rename it, then all goes on')
	end
end
local wrong = check(KEYS[1], 'string') or check(KEYS[2], 'stream') or check(KEYS[3], 'zset') or check(KEYS[4], 'hash')
for k = 5, #KEYS do wrong = wrong or check(KEYS[k], 'string') end
if wrong then return wrong end
local now = redis.call('GET', KEYS[1]) or ''
if now ~= ARGV[1] then return now end
local at = 4 + 2 * tonumber(ARGV[3])
local people = at
for k = 5, #KEYS do
	local seq, span, ids, batch = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
	redis.call('XADD', KEYS[2], seq .. '-0', 'o', redis.call('STRLEN', KEYS[k]), 'b', batch)
	redis.call('APPEND', KEYS[k], ids)
	redis.call('ZADD', KEYS[3], span, string.format('%016d', seq))
	at = at + 4
end
redis.call('SET', KEYS[1], ARGV[2])
for i = 4, people - 1, 2 do
	redis.call('HSETNX', KEYS[4], ARGV[i], ARGV[i + 1])
end
return false
