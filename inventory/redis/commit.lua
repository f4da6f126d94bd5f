-- Changes figures that nobody changed since they were read.
-- KEYS: version, stream, end, then those that are changed.
-- ARGV: the expected version; the expected end, or '*' for any; the group; the
-- number of batches that are counted by this, and each of them; then commands:
-- name, number of the key, number of arguments, arguments.
-- Returns 1 when it was done, 0 when the figures have moved, -1 when a batch was
-- counted by another.
-- Nothing is undone when a command fails: keys that others have made something
-- else of are looked for first, and commands come in such an order that the first
-- write is refused when Redis is out of memory, or needs none.
if (redis.call('GET', KEYS[1]) or '0') ~= ARGV[1] then return 0 end
if ARGV[2] ~= '*' and (redis.call('GET', KEYS[3]) or '') ~= ARGV[2] then return 0 end
local group, n = ARGV[3], tonumber(ARGV[4])
for i = 5, 4 + n do
	if #redis.call('XPENDING', KEYS[2], group, ARGV[i], ARGV[i], 1) == 0 then return -1 end
end
local types = { INCR = 'string', INCRBY = 'string', HSET = 'hash', HDEL = 'hash', HINCRBY = 'hash', ZADD = 'zset', ZREM = 'zset' }
local at = 5 + n
while at <= #ARGV do
	local key, want = KEYS[tonumber(ARGV[at + 1])], types[ARGV[at]]
	local is = redis.call('TYPE', key).ok
	if want and is ~= 'none' and is ~= want then
		return redis.error_reply('FOREIGN ' .. key .. ' is a ' .. is .. ' and must be a ' .. want)
	end
	at = at + 3 + tonumber(ARGV[at + 2])
end
at = 5 + n
while at <= #ARGV do
	local name, key, args = ARGV[at], KEYS[tonumber(ARGV[at + 1])], tonumber(ARGV[at + 2])
	local done = redis.pcall(name, key, unpack(ARGV, at + 3, at + 2 + args))
	if type(done) == 'table' and done.err then
		-- A number that others have made something else of begins anew.
		if not string.find(done.err, 'not an integer', 1, true) then return done end
		if name == 'HINCRBY' then
			redis.call('HSET', key, ARGV[at + 3], ARGV[at + 4])
		else
			redis.call('SET', key, args > 0 and ARGV[at + 3] or 1)
		end
	end
	at = at + 3 + args
end
if n > 0 then
	redis.call('XACK', KEYS[2], group, unpack(ARGV, 5, 4 + n))
end
return 1
