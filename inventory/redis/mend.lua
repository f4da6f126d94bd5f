-- Puts an end of the batches where there is none that gateways wrote, and keeps
-- what is there under another name.
-- KEYS: end, where to keep it. ARGV: the end as it was seen, '' for none or a key
-- of another type; the new one.
-- Returns 0 when another gateway was first.
local is = redis.call('TYPE', KEYS[1]).ok
if is == 'string' and redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if is == 'none' and ARGV[1] ~= '' then return 0 end
if is ~= 'none' then redis.call('RENAME', KEYS[1], KEYS[2]) end
redis.call('SET', KEYS[1], ARGV[2])
return 1
