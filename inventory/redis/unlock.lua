-- Gives a lock back, if it is still held, or holds it for longer.
-- KEYS: lock. ARGV: token, milliseconds to hold it, 0 to give it back.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then return redis.call('DEL', KEYS[1]) end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
