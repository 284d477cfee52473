/**
 * The scripts of a topic. Each one changes all of its keys at once:
 *
 * - `KEYS[1]` the stream of the topic. Its entries have the fields `key` and `data`.
 *
 * For each group:
 *
 * - `KEYS[2]` a hash with the `cursor`, which is the last entry that entered the group
 * - `KEYS[3]` the unsettled entries by the time from which they can be claimed: those that are ready, that wait for their next
 *   attempt, and that are claimed, until their lease ends
 * - `KEYS[4]` a hash with the number of attempts and the token of the claim of an entry, and with its key
 * - `KEYS[5]` a hash with a list of the entries behind the unsettled one of each key
 * - `KEYS[6]` a hash with the dead letters
 */

/** Lets new entries of the stream enter the group. An entry behind another one with its key is not claimable. */
const enter = `
  local cursor = redis.call('hget', KEYS[2], 'cursor')
  local fresh = redis.call('xrange', KEYS[1], '(' .. cursor, '+', 'COUNT', 1000)
  for _, found in ipairs(fresh) do
    local entry, fields = found[1], found[2]
    cursor = entry
    local key = ''
    for i = 1, #fields, 2 do if fields[i] == 'key' then key = fields[i + 1] end end
    local behind = key ~= '' and redis.call('hget', KEYS[5], key)
    if behind then
      local list = cjson.decode(behind)
      list[#list + 1] = entry
      redis.call('hset', KEYS[5], key, cjson.encode(list))
    else
      if key ~= '' then redis.call('hset', KEYS[5], key, '[]') end
      redis.call('zadd', KEYS[3], 0, entry)
    end
    if key ~= '' then redis.call('hset', KEYS[4], entry .. ' key', key) end
  end
  redis.call('hset', KEYS[2], 'cursor', cursor)`;

/** Removes an entry from the group, and makes the next one with its key claimable. */
const leave = `
  local function leave(entry)
    local key = redis.call('hget', KEYS[4], entry .. ' key')
    redis.call('zrem', KEYS[3], entry)
    redis.call('hdel', KEYS[4], entry, entry .. ' key')
    if not key then return end
    local list = cjson.decode(redis.call('hget', KEYS[5], key) or '[]')
    if #list == 0 then
      redis.call('hdel', KEYS[5], key)
    else
      redis.call('zadd', KEYS[3], 0, table.remove(list, 1))
      redis.call('hset', KEYS[5], key, #list == 0 and '[]' or cjson.encode(list))
    end
  end`;

/** Whether this process still holds the claim of the entry `ARGV[1]` with the token `ARGV[2]`. */
const held = `
  local attempts = redis.call('hget', KEYS[4], ARGV[1])
  if not attempts or string.match(attempts, ' (.*)$') ~= ARGV[2] then return 0 end`;

const now = `
  local time = redis.call('time')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** `ARGV`: key, data, time for which the topic keeps entries. */
export const publish = `${now}
  redis.call('xadd', KEYS[1], 'MINID', '~', now - ARGV[3], '*', 'key', ARGV[1], 'data', ARGV[2])
  redis.call('publish', KEYS[1], '')
  return 1`;

/** `ARGV`: `now` or `start`. */
export const createGroup = `
  if redis.call('exists', KEYS[2]) == 1 then return 0 end
  local last = redis.call('xrevrange', KEYS[1], '+', '-', 'COUNT', 1)
  redis.call('hset', KEYS[2], 'cursor', ARGV[1] == 'now' and last[1] and last[1][1] or '0-0')
  return 1`;

/** `ARGV`: count, lease, token. Returns entries with their attempts and data. */
export const claim = `${now}${leave}${enter}
  local claimed = {}
  for _, entry in ipairs(redis.call('zrangebyscore', KEYS[3], '-inf', now, 'LIMIT', 0, ARGV[1])) do
    local found = redis.call('xrange', KEYS[1], entry, entry)
    if found[1] then
      local before = redis.call('hget', KEYS[4], entry)
      local attempt = before and string.match(before, '^%d+') + 1 or 1
      redis.call('zadd', KEYS[3], now + ARGV[2], entry)
      redis.call('hset', KEYS[4], entry, attempt .. ' ' .. ARGV[3])
      claimed[#claimed + 1] = { entry, tostring(attempt), found[1][2][4] }
    else
      -- The topic does not keep the entry any longer.
      leave(entry)
    end
  end
  return claimed`;

/** `ARGV`: entry, token. */
export const acknowledge = `${leave}${held}
  leave(ARGV[1])
  return 1`;

/** `ARGV`: entry, token, delay, number of attempts so far. The entry remains before the others with its key. */
export const retry = `${now}${held}
  redis.call('zadd', KEYS[3], now + ARGV[3], ARGV[1])
  redis.call('hset', KEYS[4], ARGV[1], ARGV[4] .. ' ')
  return 1`;

/** `ARGV`: entry, token, dead letter. */
export const bury = `${leave}${held}
  leave(ARGV[1])
  redis.call('hset', KEYS[6], ARGV[1], ARGV[3])
  return 1`;

/** `ARGV`: entry, token, lease. */
export const renew = `${now}${held}
  redis.call('zadd', KEYS[3], now + ARGV[3], ARGV[1])
  return 1`;

/** `ARGV`: entries. Returns the number of those that the topic still keeps and that the group receives again. */
export const revive = `
  local revived = 0
  for _, entry in ipairs(ARGV) do
    if redis.call('xrange', KEYS[1], entry, entry)[1] and redis.call('hdel', KEYS[6], entry) == 1 then
      redis.call('zadd', KEYS[3], 0, entry)
      revived = revived + 1
    end
  end
  return revived`;

/** Returns the numbers of ready, waiting and running entries, of dead letters, and the age of the oldest ready entry. */
export const state = `${now}${enter}
  local ready, delayed, running, oldest = 0, 0, 0, -1
  local entries = redis.call('zrange', KEYS[3], 0, -1, 'WITHSCORES')
  for i = 1, #entries, 2 do
    local claim = redis.call('hget', KEYS[4], entries[i])
    if tonumber(entries[i + 1]) <= now then
      ready = ready + 1
      oldest = math.max(oldest, now - string.match(entries[i], '^%d+'))
    elseif claim and not string.match(claim, ' $') then running = running + 1
    else delayed = delayed + 1 end
  end
  for _, list in ipairs(redis.call('hvals', KEYS[5])) do ready = ready + #cjson.decode(list) end
  return { ready, delayed, running, redis.call('hlen', KEYS[6]), oldest }`;
