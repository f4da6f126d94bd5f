-- Appends batches where the end of the chain is the expected one, all or none.
-- KEYS: end, stream, spans, people, then the IDs of the span of each batch.
-- ARGV: the expected end, the new one, the number of people, each of them and
-- the sealed name, then for each batch: seq, span, IDs, the batch.
-- Returns the end that is there when it is another one.
-- The first write is one that Redis refuses when it is out of memory, so that
-- nothing or all is written.
local now = redis.call('GET', KEYS[1]) or ''
if now ~= ARGV[1] then return now end
redis.call('SET', KEYS[1], ARGV[2])
local at = 4 + 2 * tonumber(ARGV[3])
for i = 4, at - 1, 2 do
	redis.call('HSETNX', KEYS[4], ARGV[i], ARGV[i + 1])
end
for k = 5, #KEYS do
	local seq, span, ids, batch = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
	local offset = redis.call('STRLEN', KEYS[k])
	redis.call('APPEND', KEYS[k], ids)
	redis.call('XADD', KEYS[2], seq .. '-0', 'o', offset, 'b', batch)
	redis.call('ZADD', KEYS[3], span, string.format('%016d', seq))
	at = at + 4
end
return false
